-- The audit trail as a chain. Rows from before it are sealed by the program when it opens the database next; see src/audit/chain.rs.
DROP TRIGGER audit_update;
DROP TRIGGER audit_delete;
DROP TRIGGER audit_replace;
DROP INDEX audit_by_agent;
ALTER TABLE audit RENAME TO audit_unsealed;

-- agent_id is the agent an entry is about, or else the agent that acted.
CREATE TABLE audit (
    sequence INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    via TEXT,
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
    agent_id BLOB,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX audit_by_agent ON audit (agent_id, sequence) WHERE agent_id IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, sequence);

-- Where the trail ends. key_id names the key of the entries' HMACs from key_from on.
CREATE TABLE audit_head (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    trail BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    key_id TEXT NOT NULL,
    key_from INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_checkpoint (
    number INTEGER NOT NULL PRIMARY KEY,
    trail BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    count INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    previous BLOB NOT NULL,
    at INTEGER NOT NULL,
    first_bad INTEGER,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
CREATE INDEX audit_checkpoint_by_sequence ON audit_checkpoint (sequence);

-- What is kept of entries that retention removed.
CREATE TABLE audit_segment (
    last_sequence INTEGER NOT NULL PRIMARY KEY,
    trail BLOB NOT NULL,
    first_sequence INTEGER NOT NULL,
    first_hash BLOB NOT NULL,
    last_hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    first_bad INTEGER,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;

-- Each entry takes the next place, and REPLACE cannot take an old one's: it would remove that without asking a trigger.
CREATE TRIGGER audit_insert BEFORE INSERT ON audit
WHEN NEW.sequence IS NOT (SELECT sequence + 1 FROM audit_head) OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only, at its end');
END;
CREATE TRIGGER audit_inserted AFTER INSERT ON audit BEGIN
    UPDATE audit_head SET sequence = NEW.sequence, hash = NEW.hash;
END;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only');
END;
-- Retention's door: only what a segment's digest stands for, and never what is younger than a day.
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
WHEN OLD.at > (unixepoch() - 86400) * 1000000 OR NOT EXISTS (SELECT 1 FROM audit_segment WHERE last_sequence >= OLD.sequence) BEGIN
    SELECT RAISE(ABORT, 'the audit trail takes inserts only');
END;

CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head) BEGIN
    SELECT RAISE(ABORT, 'the audit trail has one end');
END;
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head BEGIN
    SELECT RAISE(ABORT, 'the audit trail has one end');
END;
-- The end moves with the entries and in no other way.
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.trail IS NOT OLD.trail OR ((NEW.sequence IS NOT OLD.sequence OR NEW.hash IS NOT OLD.hash) AND (NEW.sequence IS NOT OLD.sequence + 1
    OR NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence AND hash = NEW.hash))) BEGIN
    SELECT RAISE(ABORT, 'the end of the audit trail moves with its entries');
END;

CREATE TRIGGER audit_checkpoint_insert BEFORE INSERT ON audit_checkpoint
WHEN EXISTS (SELECT 1 FROM audit_checkpoint WHERE number >= NEW.number) BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit trail take inserts only');
END;
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit trail take inserts only');
END;
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint
WHEN NOT EXISTS (SELECT 1 FROM audit_segment WHERE last_sequence > OLD.sequence) BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit trail take inserts only');
END;

-- A segment ends at a checkpoint, follows the one before it, and never holds the trail's end.
CREATE TRIGGER audit_segment_insert BEFORE INSERT ON audit_segment
WHEN NEW.last_sequence >= (SELECT sequence FROM audit_head)
    OR NEW.first_sequence IS NOT (SELECT COALESCE(MAX(last_sequence), 0) + 1 FROM audit_segment)
    OR NOT EXISTS (SELECT 1 FROM audit_checkpoint WHERE sequence = NEW.last_sequence AND hash = NEW.last_hash) BEGIN
    SELECT RAISE(ABORT, 'a segment of the audit trail ends at a checkpoint');
END;
CREATE TRIGGER audit_segment_update BEFORE UPDATE ON audit_segment BEGIN
    SELECT RAISE(ABORT, 'digests of the audit trail take inserts only');
END;
CREATE TRIGGER audit_segment_delete BEFORE DELETE ON audit_segment BEGIN
    SELECT RAISE(ABORT, 'digests of the audit trail take inserts only');
END;
