-- The audit trail as a chain. Rows from before it are sealed by the program when it opens the database next; see src/audit/chain.rs.
DROP TRIGGER audit_row ON audit;
DROP TRIGGER audit_table ON audit;
DROP INDEX audit_by_agent;
ALTER TABLE audit RENAME TO audit_unsealed;
ALTER INDEX audit_pkey RENAME TO audit_unsealed_pkey;

-- agent_id is the agent an entry is about, or else the agent that acted.
CREATE TABLE audit (
    sequence BIGINT NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    at BIGINT NOT NULL,
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
    duration_ms BIGINT,
    request_id UUID NOT NULL,
    agent_id UUID,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX audit_by_agent ON audit (agent_id, sequence) WHERE agent_id IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, sequence);

-- Where the trail ends: the row that writers lock, last of all, while they append. key_id names the key of the entries' HMACs from key_from
-- on. Room is left so that the many new versions of the one row stay on its page.
CREATE TABLE audit_head (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    trail UUID NOT NULL,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    key_from BIGINT NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE audit_checkpoint (
    number BIGINT NOT NULL PRIMARY KEY,
    trail UUID NOT NULL,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    count BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    at BIGINT NOT NULL,
    first_bad BIGINT,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
);
CREATE INDEX audit_checkpoint_by_sequence ON audit_checkpoint (sequence);

-- What is kept of entries that retention removed.
CREATE TABLE audit_segment (
    last_sequence BIGINT NOT NULL PRIMARY KEY,
    trail UUID NOT NULL,
    first_sequence BIGINT NOT NULL,
    first_hash BYTEA NOT NULL,
    last_hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    first_bad BIGINT,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
);

-- Entries take the next places, and the end moves with them.
CREATE FUNCTION audit_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low BIGINT;
    high BIGINT;
    many BIGINT;
BEGIN
    SELECT MIN(sequence), MAX(sequence), COUNT(*) INTO low, high, many FROM fresh;
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE audit_head SET sequence = high, hash = (SELECT hash FROM fresh WHERE sequence = high) WHERE sequence = low - 1;
    IF NOT FOUND OR high - low + 1 <> many THEN
        RAISE EXCEPTION 'the audit trail takes inserts only, at its end' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_insert AFTER INSERT ON audit REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit_inserted();
CREATE TRIGGER audit_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_table BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Retention's door: only what a segment's digest stands for, and never what is younger than a day.
CREATE FUNCTION audit_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > (EXTRACT(EPOCH FROM now())::BIGINT - 86400) * 1000000
        OR NOT EXISTS (SELECT 1 FROM audit_segment WHERE last_sequence >= OLD.sequence) THEN
        RAISE EXCEPTION 'the audit trail takes inserts only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_may_go();

-- The end moves with the entries and in no other way.
CREATE FUNCTION audit_head_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.trail <> OLD.trail OR ((NEW.sequence <> OLD.sequence OR NEW.hash <> OLD.hash) AND (NEW.sequence <= OLD.sequence
        OR NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence AND hash = NEW.hash))) THEN
        RAISE EXCEPTION 'the end of the audit trail moves with its entries' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_moves();
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_table BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_checkpoint_may_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM audit_segment WHERE last_sequence > OLD.sequence) THEN
        RAISE EXCEPTION 'checkpoints of the audit trail take inserts only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint FOR EACH ROW EXECUTE FUNCTION audit_checkpoint_may_go();
CREATE TRIGGER audit_checkpoint_table BEFORE TRUNCATE ON audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- A segment ends at a checkpoint, follows the one before it, and never holds the trail's end.
CREATE FUNCTION audit_segment_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_sequence >= (SELECT sequence FROM audit_head)
        OR NEW.first_sequence <> (SELECT COALESCE(MAX(last_sequence), 0) + 1 FROM audit_segment)
        OR NOT EXISTS (SELECT 1 FROM audit_checkpoint WHERE sequence = NEW.last_sequence AND hash = NEW.last_hash) THEN
        RAISE EXCEPTION 'a segment of the audit trail ends at a checkpoint' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_segment_insert BEFORE INSERT ON audit_segment FOR EACH ROW EXECUTE FUNCTION audit_segment_fits();
CREATE TRIGGER audit_segment_row BEFORE UPDATE OR DELETE ON audit_segment FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_segment_table BEFORE TRUNCATE ON audit_segment FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
