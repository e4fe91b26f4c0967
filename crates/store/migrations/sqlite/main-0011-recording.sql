-- Recorded sessions. What was recorded is in the telemetry part, under the same id. seen_at says that the server that records is still there.
CREATE TABLE recording (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    pod TEXT NOT NULL,
    container TEXT NOT NULL,
    command TEXT NOT NULL,
    tty INTEGER NOT NULL,
    user_id BLOB,
    user_name TEXT NOT NULL,
    request_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending TEXT,
    exit_code INTEGER,
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    truncated INTEGER NOT NULL,
    CHECK ((ended_at IS NULL) = (ending IS NULL))
) STRICT;
CREATE INDEX recording_user ON recording (user_id, id);
CREATE INDEX recording_open ON recording (seen_at) WHERE ended_at IS NULL;
CREATE INDEX recording_age ON recording (ended_at) WHERE ended_at IS NOT NULL;
