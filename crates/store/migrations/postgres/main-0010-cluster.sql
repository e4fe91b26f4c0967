-- A Kubernetes cluster belongs to the agent that named it first, until that agent is removed.
CREATE TABLE cluster (
    name TEXT NOT NULL PRIMARY KEY,
    agent_id UUID NOT NULL UNIQUE REFERENCES agent (id),
    report TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
