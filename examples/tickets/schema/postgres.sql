CREATE TABLE ticket (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version BIGINT NOT NULL DEFAULT 1, -- rises with each change
  status TEXT NOT NULL DEFAULT 'open',
  priority TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  assignee TEXT NOT NULL, -- empty for nobody
  words TEXT NOT NULL, -- title and body in lower case, for the search
  created TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
);

CREATE TABLE comment (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket BIGINT NOT NULL REFERENCES ticket (id) ON DELETE CASCADE,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  written TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
);

CREATE INDEX comment_ticket ON comment (ticket);

CREATE TABLE import ( -- how far each import has come
  name TEXT PRIMARY KEY, -- the same rows have the same name
  done BIGINT NOT NULL DEFAULT 0 -- rows that are tickets now
);
