-- Times are milliseconds since 1970 by the clock of this database.
CREATE FUNCTION millis(moment timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    'SELECT floor(extract(epoch FROM moment) * 1000)::bigint';

CREATE TABLE kv (
    key text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL,
    version bigint NOT NULL,
    ends bigint
);
CREATE INDEX kv_ends ON kv (ends) WHERE ends IS NOT NULL;

CREATE TABLE stream (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    born bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    bytes bigint NOT NULL,
    age bigint NOT NULL,
    ends bigint NOT NULL
);
CREATE INDEX stream_ends ON stream (ends);

CREATE TABLE entry (
    stream bigint NOT NULL,
    place bigint NOT NULL,
    added bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (stream, place)
);

-- Removes what is over the bounds, oldest first, and writes down what the stream is now. The caller has locked it.
CREATE FUNCTION log_cut(s stream, most_entries bigint, most_bytes bigint, most_age bigint, instant bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    oldest record;
    before bigint := s.first;
BEGIN
    FOR oldest IN
        SELECT place, added, octet_length(data) AS size FROM entry
        WHERE entry.stream = s.id AND place >= before ORDER BY place
    LOOP
        EXIT WHEN s.last - oldest.place < most_entries AND s.bytes <= most_bytes AND oldest.added + most_age > instant;
        s.bytes := s.bytes - oldest.size;
        s.first := oldest.place + 1;
    END LOOP;
    IF s.first > before THEN
        DELETE FROM entry WHERE entry.stream = s.id AND place < s.first;
    END IF;
    UPDATE stream SET born = s.born, first = s.first, last = s.last, bytes = s.bytes, age = most_age,
        ends = instant + most_age WHERE id = s.id;
END $$;

-- The lock on the row of the stream puts appends in order: no reader sees an offset before the one below it.
CREATE FUNCTION log_append(called text, added_data bytea, most_entries bigint, most_bytes bigint, most_age bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    s stream;
    instant bigint;
    birth bigint;
BEGIN
    LOOP
        SELECT * INTO s FROM stream WHERE name = called FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        -- A thousand offsets for each millisecond: a stream made again begins beyond all that it had before.
        birth := floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        INSERT INTO stream (name, born, first, last, bytes, age, ends)
            VALUES (called, birth, birth + 1, birth, 0, most_age, birth / 1000 + most_age)
            ON CONFLICT (name) DO NOTHING RETURNING * INTO s;
        EXIT WHEN FOUND;
    END LOOP;
    instant := millis(clock_timestamp());
    IF s.ends <= instant THEN
        DELETE FROM entry WHERE entry.stream = s.id;
        s.born := greatest(instant * 1000, s.last);
        s.first := s.born + 1;
        s.last := s.born;
        s.bytes := 0;
    END IF;
    s.last := s.last + 1;
    s.bytes := s.bytes + octet_length(added_data);
    INSERT INTO entry (stream, place, added, data) VALUES (s.id, s.last, instant, added_data);
    PERFORM log_cut(s, most_entries, most_bytes, most_age, instant);
    RETURN s.last;
END $$;

CREATE FUNCTION log_trim(called text, most_entries bigint, most_bytes bigint, most_age bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s stream;
    instant bigint;
BEGIN
    SELECT * INTO s FROM stream WHERE name = called FOR NO KEY UPDATE;
    instant := millis(clock_timestamp());
    IF s.ends > instant THEN
        PERFORM log_cut(s, most_entries, most_bytes, most_age, instant);
    END IF;
END $$;

CREATE FUNCTION log_delete(called text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    s stream;
BEGIN
    SELECT * INTO s FROM stream WHERE name = called FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM entry WHERE entry.stream = s.id;
    DELETE FROM stream WHERE id = s.id;
    RETURN s.ends > millis(clock_timestamp());
END $$;

-- Removes some of what has expired; rows that anybody works on, another sweep too, are left to the next time.
CREATE FUNCTION sweep(most_values bigint, most_streams bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    instant bigint := millis(clock_timestamp());
    dead bigint;
BEGIN
    DELETE FROM kv USING (
        SELECT key FROM kv WHERE ends <= instant ORDER BY ends LIMIT most_values FOR UPDATE SKIP LOCKED
    ) expired WHERE kv.key = expired.key AND kv.ends <= instant;
    FOR dead IN
        SELECT id FROM stream WHERE ends <= instant ORDER BY ends LIMIT most_streams FOR UPDATE SKIP LOCKED
    LOOP
        DELETE FROM entry WHERE entry.stream = dead;
        DELETE FROM stream WHERE id = dead;
    END LOOP;
END $$;
