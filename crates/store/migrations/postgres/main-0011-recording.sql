-- Recorded sessions. What was recorded is in the telemetry part, under the same id. seen_at says that the server that records is still there.
CREATE TABLE recording (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    pod TEXT NOT NULL,
    container TEXT NOT NULL,
    command TEXT NOT NULL,
    tty BIGINT NOT NULL,
    user_id UUID,
    user_name TEXT NOT NULL,
    request_id UUID NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    ending TEXT,
    exit_code BIGINT,
    bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    truncated BIGINT NOT NULL,
    CHECK ((ended_at IS NULL) = (ending IS NULL))
);
CREATE INDEX recording_user ON recording (user_id, id);
CREATE INDEX recording_open ON recording (seen_at) WHERE ended_at IS NULL;
CREATE INDEX recording_age ON recording (ended_at) WHERE ended_at IS NOT NULL;
