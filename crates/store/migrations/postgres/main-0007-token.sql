-- A token without an owner is a service's.
CREATE TABLE api_token (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    owner_id UUID REFERENCES user_account (id),
    scopes TEXT NOT NULL,
    roles TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    old_hash TEXT UNIQUE,
    old_until BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    rotated_at BIGINT,
    last_used_at BIGINT,
    last_used_address TEXT,
    uses BIGINT NOT NULL
);
CREATE INDEX api_token_by_owner ON api_token (owner_id, id);

CREATE TABLE api_token_address (
    token_id UUID NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    first_used_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (token_id, address)
);

ALTER TABLE join_token ADD COLUMN prefix TEXT NOT NULL DEFAULT '';
ALTER TABLE join_token ADD COLUMN last_used_at BIGINT;
ALTER TABLE join_token ADD COLUMN last_used_address TEXT;
ALTER TABLE agent ADD COLUMN api_key_prefix TEXT;
