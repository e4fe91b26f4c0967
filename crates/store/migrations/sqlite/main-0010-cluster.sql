-- A Kubernetes cluster belongs to the agent that named it first, until that agent is removed.
CREATE TABLE cluster (
    name TEXT NOT NULL PRIMARY KEY,
    agent_id BLOB NOT NULL UNIQUE REFERENCES agent (id),
    report TEXT NOT NULL,
    reported_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
