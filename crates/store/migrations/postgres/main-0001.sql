CREATE TABLE user_account (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    last_active_at BIGINT
);

CREATE TABLE session (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES user_account (id),
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX session_by_user ON session (user_id);

-- Every refresh token a session ever had, so that the reuse of an old one is told from a guess.
CREATE TABLE session_token (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    replaced_at BIGINT
);
CREATE UNIQUE INDEX session_token_by_session ON session_token (session_id, generation);

CREATE TABLE join_token (
    id UUID NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    kind TEXT,
    tags TEXT NOT NULL,
    allow_api_key BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used <= uses),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    created_by TEXT NOT NULL
);

CREATE TABLE agent (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    tags TEXT NOT NULL,
    certificate_serial TEXT,
    certificate_next TEXT,
    certificate_not_after BIGINT,
    api_key_hash TEXT,
    joined_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    goodbye_at BIGINT,
    workload TEXT NOT NULL,
    removed_at BIGINT,
    CHECK ((certificate_serial IS NULL) <> (api_key_hash IS NULL))
);
CREATE UNIQUE INDEX agent_by_name ON agent (name) WHERE removed_at IS NULL;

CREATE TABLE command (
    id UUID NOT NULL PRIMARY KEY,
    agent_id UUID NOT NULL REFERENCES agent (id),
    agent_name TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id UUID,
    actor_name TEXT NOT NULL,
    request_id UUID NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    deadline BIGINT NOT NULL
);
CREATE INDEX command_by_agent ON command (agent_id, id);
CREATE INDEX command_by_time ON command (created_at);
CREATE INDEX command_open ON command (id) WHERE state IN ('sent', 'running');

-- agent_id is the agent an entry is about, or else the agent that acted.
CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    resource_kind TEXT,
    resource_id TEXT,
    resource_name TEXT,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    duration_ms BIGINT,
    request_id UUID NOT NULL,
    agent_id UUID
);
CREATE INDEX audit_by_agent ON audit (agent_id, id) WHERE agent_id IS NOT NULL;
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail takes inserts only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_row BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_table BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE TABLE fleet_point (
    at BIGINT NOT NULL PRIMARY KEY,
    online BIGINT NOT NULL,
    degraded BIGINT NOT NULL,
    offline BIGINT NOT NULL,
    stopped BIGINT NOT NULL
);
