CREATE TABLE user_account (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    last_active_at INTEGER
) STRICT;

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES user_account (id),
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX session_by_user ON session (user_id);

-- Every refresh token a session ever had, so that the reuse of an old one is told from a guess.
CREATE TABLE session_token (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    replaced_at INTEGER
) STRICT;
CREATE UNIQUE INDEX session_token_by_session ON session_token (session_id, generation);

CREATE TABLE join_token (
    id BLOB NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    kind TEXT,
    tags TEXT NOT NULL,
    allow_api_key INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL CHECK (used <= uses),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    created_by TEXT NOT NULL
) STRICT;

CREATE TABLE agent (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    tags TEXT NOT NULL,
    certificate_serial TEXT,
    certificate_next TEXT,
    certificate_not_after INTEGER,
    api_key_hash TEXT,
    joined_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    goodbye_at INTEGER,
    workload TEXT NOT NULL,
    removed_at INTEGER,
    CHECK ((certificate_serial IS NULL) <> (api_key_hash IS NULL))
) STRICT;
CREATE UNIQUE INDEX agent_by_name ON agent (name) WHERE removed_at IS NULL;

CREATE TABLE command (
    id BLOB NOT NULL PRIMARY KEY,
    agent_id BLOB NOT NULL REFERENCES agent (id),
    agent_name TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id BLOB,
    actor_name TEXT NOT NULL,
    request_id BLOB NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    deadline INTEGER NOT NULL
) STRICT;
CREATE INDEX command_by_agent ON command (agent_id, id);
CREATE INDEX command_by_time ON command (created_at);
CREATE INDEX command_open ON command (id) WHERE state IN ('sent', 'running');

-- agent_id is the agent an entry is about, or else the agent that acted.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
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
    duration_ms INTEGER,
    request_id BLOB NOT NULL,
    agent_id BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_agent ON audit (agent_id, id) WHERE agent_id IS NOT NULL;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only');
END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only');
END;
-- REPLACE would remove the old row without asking the trigger above.
CREATE TRIGGER audit_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only');
END;

CREATE TABLE fleet_point (
    at INTEGER NOT NULL PRIMARY KEY,
    online INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    offline INTEGER NOT NULL,
    stopped INTEGER NOT NULL
) STRICT;
