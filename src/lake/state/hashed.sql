-- Digests of files outside the lake by how the file looked: a note only, which no snapshot rests on.
-- Made when a state is opened, since states of before have no such table.
CREATE TABLE IF NOT EXISTS hashed (
    path        TEXT PRIMARY KEY,
    device      INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    changed_ns  INTEGER NOT NULL,
    sha256      TEXT NOT NULL
) STRICT;
