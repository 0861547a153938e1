//! Which cell was too large: the sizes of a row, measured without reading it.

use super::Sqlite;
use super::reader::VALUE;
use crate::catalogue::quoted;
use crate::fault::Fault;
use crate::page::ResultColumn;
use crate::sql_text::Statement;

impl Sqlite {
    /// The fault of a row that is too large, with its cells by name if they can be measured.
    ///
    /// `octet_length` of a stored value reads only its header. A value that is computed cannot be measured so.
    pub(super) fn oversized(&self, fault: Fault, statement: &Statement, columns: &[ResultColumn], row: u64) -> Fault {
        let (place, sizes) = match self.sizes(statement.text(), columns.len(), Some(row)) {
            Some(sizes) => (format!("row {}", row + 1), sizes),
            // A query that sorts reads whole rows before it gives one. Without its order they can be measured.
            None => match self.sizes(statement.before_order(), columns.len(), None) {
                Some(sizes) => ("one of the rows".to_owned(), sizes),
                None => return Fault { message: format!("row {}: {}", row + 1, fault.message), ..fault },
            },
        };
        let most = usize::try_from(VALUE).unwrap_or(usize::MAX);
        let all: u64 = sizes.iter().sum();
        let mut named: Vec<(u64, &str)> =
            sizes.iter().copied().zip(columns.iter().map(|column| column.name.as_str())).collect();
        named.sort_unstable_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        let Some((bytes, name)) = named.first() else { return fault };
        let name = quoted(name);
        let message = if *bytes > most as u64 {
            format!("{place}: the cell of {name} has {bytes} bytes, more than the {most} that a value may have")
        } else {
            format!("{place}: its cells have {all} bytes, too many to read at once; {name} has {bytes}")
        };
        let advice = format!(
            "Leave {name} out, ask for octet_length({name}), or pass over such rows: WHERE octet_length({name}) < 1000000."
        );
        Fault { message, advice: Some(advice), ..fault }
    }

    /// The sizes of the cells of a row; without its number, of the first that has one beyond the bound.
    fn sizes(&self, text: &str, columns: usize, row: Option<u64>) -> Option<Vec<u64>> {
        let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let lengths: Vec<String> = names.iter().map(|name| format!("coalesce(octet_length({name}), 0)")).collect();
        let which = if let Some(row) = row {
            format!("LIMIT 1 OFFSET {row}")
        } else {
            let beyond: Vec<String> = lengths.iter().map(|length| format!("{length} > {VALUE}")).collect();
            format!("WHERE {} LIMIT 1", beyond.join(" OR "))
        };
        let (names, lengths) = (names.join(", "), lengths.join(", "));
        let sql = format!("WITH measured ({names}) AS ({text}\n) SELECT {lengths} FROM measured {which}");
        let sizes = self.connection.query_row(&sql, [], |row| {
            (0..columns).map(|column| row.get::<_, i64>(column)).collect::<rusqlite::Result<Vec<i64>>>()
        });
        sizes.ok()?.into_iter().map(|size| u64::try_from(size).ok()).collect()
    }
}
