-- Who has logs or metrics: the server itself (the nil id) or an agent. last_seq numbers its log lines without gaps.
-- Samples at or after rolled_to are not yet in the coarser steps; nothing is left to do once rolled_to reaches due_to.
CREATE TABLE owner (
    id BLOB NOT NULL PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    rolled_to INTEGER NOT NULL,
    due_to INTEGER NOT NULL
) STRICT;
CREATE INDEX owner_due ON owner (rolled_to) WHERE rolled_to < due_to;

-- The last batch stored of each spool. idle_since is set by pruning and cleared by the next batch.
CREATE TABLE spool (
    agent_id BLOB NOT NULL,
    spool_id BLOB NOT NULL,
    last_batch INTEGER NOT NULL,
    idle_since INTEGER,
    PRIMARY KEY (agent_id, spool_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_line (
    owner BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level INTEGER NOT NULL,
    source TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (owner, seq)
) STRICT, WITHOUT ROWID;

-- One row holds every metric of one agent over one step: 0 (a single sample), 60 or 900 seconds. weight counts its samples.
CREATE TABLE metric (
    agent_id BLOB NOT NULL,
    step INTEGER NOT NULL,
    at INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (agent_id, step, at)
) STRICT, WITHOUT ROWID;
