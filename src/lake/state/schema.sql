-- The lake's state, format 1. A snapshot is committed when its row is.
-- `sha256` is of the archive; `digest` is the name its maker gave it.
CREATE TABLE definitions (digest TEXT PRIMARY KEY, archive BLOB NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE snapshots (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    load         TEXT NOT NULL UNIQUE,
    published_ms INTEGER NOT NULL UNIQUE,
    offset_s     INTEGER NOT NULL,
    day          TEXT NOT NULL,
    definitions  TEXT NOT NULL REFERENCES definitions (digest),
    records      INTEGER NOT NULL,
    totals       TEXT NOT NULL,
    digest       TEXT NOT NULL DEFAULT '' -- over everything this snapshot added, and the digest before it
) STRICT;
-- Snapshots whose files retention has removed; their rows above stay for ever.
CREATE TABLE retired (snapshot INTEGER PRIMARY KEY REFERENCES snapshots (seq)) STRICT;
CREATE TABLE tables (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid TEXT NOT NULL
) STRICT;
-- A table is at the newest version whose snapshot is not newer than the one that is read.
CREATE TABLE versions (
    table_id INTEGER NOT NULL REFERENCES tables (id),
    version  INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshots (seq),
    schema   TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    PRIMARY KEY (table_id, version),
    UNIQUE (table_id, snapshot)
) STRICT;
-- A file belongs to the snapshots from `added` up to but not including `removed`.
CREATE TABLE files (
    id        INTEGER PRIMARY KEY,
    table_id  INTEGER NOT NULL REFERENCES tables (id),
    path      TEXT NOT NULL,
    partition TEXT,
    bytes     INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    sha256    TEXT NOT NULL,
    added     INTEGER NOT NULL REFERENCES snapshots (seq),
    removed   INTEGER REFERENCES snapshots (seq),
    UNIQUE (table_id, path)
) STRICT;
CREATE INDEX files_added ON files (added);
CREATE INDEX files_removed ON files (removed);
CREATE TABLE submissions (
    snapshot   INTEGER NOT NULL REFERENCES snapshots (seq),
    position   INTEGER NOT NULL,
    file       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    dataset    TEXT NOT NULL,
    department TEXT NOT NULL,
    division   TEXT NOT NULL,
    period     TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('loaded', 'duplicate', 'quarantined')),
    received   INTEGER NOT NULL,
    new        INTEGER NOT NULL,
    correction INTEGER NOT NULL,
    withdrawal INTEGER NOT NULL,
    unchanged  INTEGER NOT NULL,
    rejected   INTEGER NOT NULL,
    receipt    TEXT NOT NULL,
    PRIMARY KEY (snapshot, position),
    CHECK (received = new + correction + withdrawal + unchanged + rejected)
) STRICT;
CREATE UNIQUE INDEX loaded_once ON submissions (dataset, department, sha256) WHERE status = 'loaded';
CREATE TABLE archive (
    sha256        TEXT PRIMARY KEY, -- of the bytes as submitted
    bytes         INTEGER NOT NULL,
    stored_bytes  INTEGER NOT NULL,
    stored_sha256 TEXT NOT NULL,    -- of the sealed file
    snapshot      INTEGER NOT NULL REFERENCES snapshots (seq)
) STRICT;
CREATE TABLE pins (
    snapshot INTEGER NOT NULL REFERENCES snapshots (seq),
    reason   TEXT NOT NULL,
    PRIMARY KEY (snapshot, reason)
) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
