-- Requests for access: a role, or one action on one thing, for a while. Decided ones stay as a record.
CREATE TABLE access_request (
    id BLOB NOT NULL PRIMARY KEY,
    requester BLOB NOT NULL,
    requester_name TEXT NOT NULL,
    role TEXT,
    action TEXT,
    resource_kind TEXT,
    resource TEXT,
    resource_name TEXT,
    reason TEXT NOT NULL,
    duration_seconds INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'cancelled', 'expired', 'ended')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    decision_reason TEXT,
    expires_at INTEGER,
    ended_at INTEGER,
    assignment BLOB,
    CHECK ((role IS NULL) <> (action IS NULL)),
    CHECK (state <> 'approved' OR (expires_at IS NOT NULL AND assignment IS NOT NULL))
) STRICT;
CREATE INDEX access_request_open ON access_request (state) WHERE state IN ('pending', 'approved');
CREATE INDEX access_request_requester ON access_request (requester, id);
