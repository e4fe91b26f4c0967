-- Who has logs or metrics: the server itself (the nil id) or an agent. last_seq numbers its log lines without gaps.
-- Samples at or after rolled_to are not yet in the coarser steps; nothing is left to do once rolled_to reaches due_to.
CREATE TABLE owner (
    id UUID NOT NULL PRIMARY KEY,
    last_seq BIGINT NOT NULL,
    rolled_to BIGINT NOT NULL,
    due_to BIGINT NOT NULL
);
CREATE INDEX owner_due ON owner (rolled_to) WHERE rolled_to < due_to;

-- The last batch stored of each spool. idle_since is set by pruning and cleared by the next batch.
CREATE TABLE spool (
    agent_id UUID NOT NULL,
    spool_id UUID NOT NULL,
    last_batch BIGINT NOT NULL,
    idle_since BIGINT,
    PRIMARY KEY (agent_id, spool_id)
);

CREATE TABLE log_line (
    owner UUID NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    level BIGINT NOT NULL,
    source TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (owner, seq)
);

-- One row holds every metric of one agent over one step: 0 (a single sample), 60 or 900 seconds. weight counts its samples.
CREATE TABLE metric (
    agent_id UUID NOT NULL,
    step BIGINT NOT NULL,
    at BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (agent_id, step, at)
);
