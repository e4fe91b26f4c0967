-- Identity providers. client_secret is sealed for `provider:ID`; scopes and role_rules are JSON.
CREATE TABLE provider (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret TEXT,
    scopes TEXT NOT NULL,
    groups_claim TEXT NOT NULL,
    role_rules TEXT NOT NULL,
    default_role TEXT,
    provisioning TEXT NOT NULL,
    second_factor TEXT NOT NULL,
    ca_pem TEXT,
    graph_url TEXT,
    enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Accounts at providers that belong to users here: one a provider for each user, one user for each account.
CREATE TABLE identity_link (
    provider_id BLOB NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    email TEXT,
    role_managed INTEGER NOT NULL,
    linked_at INTEGER NOT NULL,
    last_login_at INTEGER,
    PRIMARY KEY (provider_id, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_link_by_user ON identity_link (user_id, provider_id);

-- The groups that a provider said the person is in, as JSON, each with the provider's name before it.
ALTER TABLE session ADD COLUMN sso_groups TEXT NOT NULL DEFAULT '[]';

-- Logins under way: state is kept as its hash, browser as the hash of the cookie it is bound to; content is sealed.
CREATE TABLE oidc_flow (
    state_hash TEXT NOT NULL PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    provider_id BLOB NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_flow_by_end ON oidc_flow (expires_at);

-- What is still missing after the provider's answer: a password that proves who owns an account here ('link'), or the command line's
-- secret ('cli'). content is sealed.
CREATE TABLE oidc_ticket (
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'cli')),
    provider_id BLOB NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    tries_left INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_ticket_by_user ON oidc_ticket (user_id);

-- Sessions that hang on a provider. refresh_token and id_token are sealed. due_at: when the provider is asked next; failing_since: since when
-- it does not answer; asked_until: somebody is asking right now; ends_at: when a session that cannot be asked about ends.
CREATE TABLE oidc_session (
    session_id BLOB NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    provider_id BLOB NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    sid TEXT,
    refresh_token TEXT,
    id_token TEXT,
    due_at INTEGER NOT NULL,
    failing_since INTEGER,
    asked_until INTEGER,
    ends_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_session_by_subject ON oidc_session (provider_id, subject);
CREATE INDEX oidc_session_by_sid ON oidc_session (provider_id, sid);

-- Logout tokens that were used: each works once.
CREATE TABLE oidc_logout (
    provider_id BLOB NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    token_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (provider_id, token_id)
) STRICT, WITHOUT ROWID;
