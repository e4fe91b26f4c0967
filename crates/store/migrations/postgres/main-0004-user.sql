ALTER TABLE user_account ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN email TEXT;
ALTER TABLE user_account ADD COLUMN email_verified_at BIGINT;
ALTER TABLE user_account ADD COLUMN password_set_at BIGINT;
ALTER TABLE user_account ADD COLUMN last_login_at BIGINT;
ALTER TABLE user_account ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';
-- A deleted user is disabled too; the row stays, so that the name cannot be taken by somebody else.
ALTER TABLE user_account ADD COLUMN deleted_at BIGINT;
CREATE UNIQUE INDEX user_by_email ON user_account (LOWER(email)) WHERE email IS NOT NULL;

ALTER TABLE session ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;
UPDATE session SET verified_at = created_at;

CREATE TABLE invite (
    id UUID NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    email TEXT,
    note TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_by TEXT,
    revoked_at BIGINT
);

-- Links sent by e-mail: 'reset' sets a new password, 'email' proves the address.
CREATE TABLE user_link (
    hash TEXT NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES user_account (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'email')),
    email TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_link_by_user ON user_link (user_id, purpose);

CREATE TABLE login_record (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES user_account (id),
    at BIGINT NOT NULL,
    method TEXT NOT NULL,
    result TEXT NOT NULL,
    address TEXT NOT NULL,
    device TEXT NOT NULL
);
CREATE INDEX login_record_by_user ON login_record (user_id, id);
CREATE INDEX login_record_by_time ON login_record (at);

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
