-- A token without an owner is a service's.
CREATE TABLE api_token (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    owner_id BLOB REFERENCES user_account (id),
    scopes TEXT NOT NULL,
    roles TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    old_hash TEXT UNIQUE,
    old_until INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    rotated_at INTEGER,
    last_used_at INTEGER,
    last_used_address TEXT,
    uses INTEGER NOT NULL
) STRICT;
CREATE INDEX api_token_by_owner ON api_token (owner_id, id);

CREATE TABLE api_token_address (
    token_id BLOB NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    first_used_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (token_id, address)
) STRICT, WITHOUT ROWID;

ALTER TABLE join_token ADD COLUMN prefix TEXT NOT NULL DEFAULT '';
ALTER TABLE join_token ADD COLUMN last_used_at INTEGER;
ALTER TABLE join_token ADD COLUMN last_used_address TEXT;
ALTER TABLE agent ADD COLUMN api_key_prefix TEXT;
