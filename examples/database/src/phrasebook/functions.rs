//! Functions that one of the engines lacks, and what it has instead.

use crate::sql_text::Dialect;

/// What an engine has instead of a function.
pub(super) fn instead_of(function: &str, dialect: Dialect) -> Option<&'static str> {
    let list: &[(&str, &str)] = match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    };
    let found = list.iter().find(|(names, _)| names.split(' ').any(|name| name == function));
    found.map(|(_, instead)| *instead)
}

const SQLITE: [(&str, &str); 30] = [
    (
        "extract date_part",
        "parts of a date: CAST(strftime('%Y', x) AS INTEGER) for the year, '%m' month, '%d' day, '%H' hour, '%w' weekday",
    ),
    ("date_trunc", "date_trunc('month', x): strftime('%Y-%m-01', x); 'year': strftime('%Y-01-01', x); 'day': date(x)"),
    (
        "year month day hour minute second weekday dayofweek quarter",
        "YEAR(x): CAST(strftime('%Y', x) AS INTEGER), '%m' month, '%d' day, '%H' hour, '%w' weekday",
    ),
    ("to_char date_format", "dates as text: strftime('%Y-%m', x); numbers as text: printf('%.2f', x)"),
    ("to_date to_timestamp str_to_date parse_date", "a date from text: date(x), if it is written like 2024-05-06"),
    ("now getdate sysdate current_timestamp localtimestamp", "the time now: datetime('now')"),
    ("curdate current_date today", "today: date('now')"),
    ("age datediff date_diff timestampdiff", "days between dates: julianday(a) - julianday(b)"),
    (
        "dateadd date_add date_sub datetime_add adddate make_interval",
        "days later: date(x, '+7 days'), months earlier: date(x, '-1 month')",
    ),
    ("array_agg", "rows in a list: json_group_array(x) or group_concat(x, ', ')"),
    ("listagg", "rows in a text: group_concat(x, ', ')"),
    ("split_part", "a part of a text: substr(x, 1, instr(x, ',') - 1)"),
    ("left", "left(x, 3): substr(x, 1, 3)"),
    ("right", "right(x, 3): substr(x, -3)"),
    ("strpos position charindex locate", "a place in a text: instr(x, 'part')"),
    ("char_length character_length len", "the length of a text: length(x)"),
    ("greatest", "greatest(a, b): max(a, b)"),
    ("least", "least(a, b): min(a, b)"),
    ("nvl isnull", "a value instead of null: coalesce(x, 0)"),
    ("decode", "decode(): CASE x WHEN 1 THEN 'a' ELSE 'b' END"),
    (
        "regexp_matches regexp_match regexp_like regexp_replace regexp_substr regexp similar",
        "patterns: x LIKE 'a%' or x GLOB '[0-9]*'; SQLite has no regular expressions here",
    ),
    (
        "stddev stddev_pop stddev_samp variance var_pop var_samp",
        "variance: avg(x * x) - avg(x) * avg(x); its square root: sqrt(…)",
    ),
    (
        "median percentile_cont percentile_disc quantile approx_quantile",
        "median: SELECT x FROM t WHERE x IS NOT NULL ORDER BY x LIMIT 1 OFFSET (SELECT count(x) / 2 FROM t)",
    ),
    (
        "generate_series",
        "a series: WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n",
    ),
    ("convert try_cast try_convert safe_cast to_number", "another type: CAST(x AS INTEGER), or REAL, or TEXT"),
    ("lpad", "lpad(x, 5, '0'): printf('%05d', x)"),
    ("bool_or", "bool_or(x): max(x)"),
    ("bool_and every", "bool_and(x): min(x)"),
    ("unnest", "the parts of a JSON array: SELECT value FROM json_each(x)"),
    (
        "to_json row_to_json jsonb_agg json_agg json_build_object jsonb_build_object",
        "JSON: json_object('a', x), json_group_array(x)",
    ),
];

const POSTGRES: [(&str, &str); 30] = [
    ("strftime date_format", "dates as text: to_char(x, 'YYYY-MM'); parts of a date: extract(year FROM x)"),
    (
        "year month day hour minute second weekday dayofweek quarter",
        "YEAR(x): extract(year FROM x); also month, day, hour, dow",
    ),
    ("julianday datediff date_diff timestampdiff", "days between dates: a::date - b::date"),
    ("dateadd date_add date_sub adddate", "days later: x + interval '7 days'"),
    ("datetime", "a time: x::timestamp, or now()"),
    ("getdate sysdate", "the time now: now()"),
    ("curdate today", "today: current_date"),
    ("unixepoch unix_timestamp", "seconds since 1970: extract(epoch FROM x)"),
    ("str_to_date parse_date", "a date from text: to_date(x, 'YYYY-MM-DD')"),
    ("ifnull nvl isnull", "a value instead of null: coalesce(x, 0)"),
    ("iif if", "a condition: CASE WHEN a THEN b ELSE c END"),
    ("group_concat listagg", "rows in a text: string_agg(x::text, ', ')"),
    ("json_group_array", "rows in a list: json_agg(x)"),
    ("json_extract json_value", "a member of JSON: x ->> 'key', or x #>> '{a,b}'"),
    ("json_each", "members of JSON: json_each(x), jsonb_each(x), or jsonb_array_elements(x); x must be json or jsonb"),
    ("instr charindex locate", "a place in a text: strpos(x, 'part')"),
    ("len datalength", "the length of a text: length(x)"),
    ("printf", "a text with values: format('%s', x); numbers: to_char(x, 'FM999990.00')"),
    ("median quantile approx_quantile", "median: percentile_cont(0.5) WITHIN GROUP (ORDER BY x)"),
    ("percentile_cont percentile_disc", "a percentile: percentile_cont(0.9) WITHIN GROUP (ORDER BY x), with a number"),
    ("convert try_cast try_convert safe_cast", "another type: CAST(x AS integer) or x::integer"),
    ("round trunc", "digits of a double: round(x::numeric, 2)"),
    ("total", "total(x): coalesce(sum(x), 0)"),
    ("typeof", "the type of a value: pg_typeof(x)"),
    ("hex", "hex(x): encode(x, 'hex')"),
    ("toupper ucase", "upper(x)"),
    ("tolower lcase", "lower(x)"),
    ("substring_index", "a part of a text: split_part(x, ',', 1)"),
    ("any_value first", "one of the values: min(x), or (array_agg(x))[1]"),
    ("countif count_if", "count of what fulfils a condition: count(*) FILTER (WHERE a > 1)"),
];
