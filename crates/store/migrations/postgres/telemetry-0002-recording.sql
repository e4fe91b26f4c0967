-- What was recorded of a session, in pieces that are compressed one by one.
CREATE TABLE recording_part (
    recording_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (recording_id, seq)
);
