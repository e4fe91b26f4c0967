-- The seed of a user's authenticator app, sealed. A pending one waits for its first code and counts for nothing until then. Codes of
-- last_step and of earlier steps are spent.
CREATE TABLE totp (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    seed TEXT,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    pending_seed TEXT,
    pending_at BIGINT,
    CHECK ((seed IS NULL) = (confirmed_at IS NULL)),
    CHECK ((pending_seed IS NULL) = (pending_at IS NULL))
);

CREATE TABLE recovery_code (
    user_id UUID NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE passkey (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    credential TEXT NOT NULL,
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkey_by_user ON passkey (user_id, id);

-- Logins between the password and the second factor. content is sealed.
CREATE TABLE login_challenge (
    hash TEXT NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_challenge_by_user ON login_challenge (user_id, created_at);

-- Sealed challenges that were answered: each is taken once.
CREATE TABLE spent_challenge (
    hash TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
