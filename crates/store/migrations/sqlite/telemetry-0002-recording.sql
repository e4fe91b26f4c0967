-- What was recorded of a session, in pieces that are compressed one by one.
CREATE TABLE recording_part (
    recording_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (recording_id, seq)
) STRICT, WITHOUT ROWID;
