-- Who made the join token an agent joined with: rules about agents can name their owners.
ALTER TABLE agent ADD COLUMN owner TEXT;

-- Roles made here; the built-in ones are part of the program. `form` is the role's rules as JSON, `cedar` their text when it was written by hand.
CREATE TABLE role (
    name TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    form TEXT NOT NULL,
    cedar TEXT,
    step_up INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
) STRICT;

-- Who has a role beside the one an account has by itself. Removed ones stay, so that past decisions can be explained.
CREATE TABLE role_assignment (
    id BLOB NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('user', 'token', 'group')),
    subject TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE INDEX role_assignment_live ON role_assignment (role) WHERE removed_at IS NULL;

-- Counts the changes of the two tables above: other servers on this database see by it that they must read them again.
CREATE TABLE role_change (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO role_change (one, version) VALUES (1, 0);
