-- The log's own tables in a service's PostgreSQL schema (search_path is set by whoever runs this).
-- The same tables as on SQLite (sqlite_schema.py), and one row per shard, which is its lock.
-- Every statement may be run again without harm.

CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE SEQUENCE IF NOT EXISTS gpos;

-- Moved on after every transaction, for whoever in another process waits for news.
CREATE SEQUENCE IF NOT EXISTS news;

-- Locked until the commit of whoever writes the shard; says when and how far it was written last.
-- Changed with every commit: room in the page keeps new versions of the row beside the old ones.
CREATE TABLE IF NOT EXISTS shards (
    shard INTEGER PRIMARY KEY, recorded_at BIGINT NOT NULL, head BIGINT NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE IF NOT EXISTS events (
    gpos BIGINT PRIMARY KEY,
    id TEXT NOT NULL,
    topic TEXT,
    key TEXT NOT NULL,
    stream TEXT NOT NULL,
    version BIGINT NOT NULL,
    type TEXT NOT NULL,
    shard INTEGER NOT NULL,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor BYTEA NOT NULL,
    correlation_id TEXT NOT NULL,
    causation_id TEXT,
    traceparent TEXT,
    data BYTEA NOT NULL,
    UNIQUE (stream, version)
);
CREATE INDEX IF NOT EXISTS events_of_shard ON events (shard, gpos);

CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL, data BYTEA NOT NULL,
    PRIMARY KEY (kind, key)
);

-- The keys that texts of persons are sealed with, for the other services to open them.
CREATE OR REPLACE VIEW subject_keys AS
SELECT key AS subject, version, data FROM documents WHERE kind = 'subject_key';

CREATE TABLE IF NOT EXISTS positions (
    consumer TEXT NOT NULL, source TEXT NOT NULL, partition INTEGER NOT NULL,
    cursor BIGINT NOT NULL, gpos BIGINT NOT NULL,
    PRIMARY KEY (consumer, source, partition)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS timers (
    id TEXT PRIMARY KEY, clock TEXT NOT NULL, shard INTEGER NOT NULL, due_at BIGINT NOT NULL,
    kind TEXT NOT NULL, key TEXT NOT NULL, payload BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_due ON timers (clock, shard, due_at, id);

CREATE TABLE IF NOT EXISTS idempotency (
    principal TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, status INTEGER NOT NULL, id TEXT NOT NULL,
    version BIGINT NOT NULL, created_at BIGINT NOT NULL,
    PRIMARY KEY (principal, operation, key)
);

CREATE TABLE IF NOT EXISTS held (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, consumer TEXT NOT NULL,
    source TEXT NOT NULL, partition INTEGER NOT NULL, gpos BIGINT NOT NULL, key TEXT NOT NULL,
    waits_for TEXT, record BYTEA NOT NULL, position BIGINT,
    UNIQUE (consumer, source, partition, gpos)
);

CREATE TABLE IF NOT EXISTS dead_letters (
    id TEXT PRIMARY KEY, consumer TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    event_id TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, attempts BIGINT NOT NULL,
    failed_at BIGINT NOT NULL, redriven_at BIGINT,
    partition INTEGER, position BIGINT, payload_sha256 TEXT,
    dropped_at BIGINT, dropped_by TEXT, drop_reason TEXT,
    revision BIGINT NOT NULL DEFAULT 1, published BIGINT NOT NULL DEFAULT 0
);
-- For whoever publishes them: it asks often, and there is seldom any.
CREATE INDEX IF NOT EXISTS dead_letters_unpublished ON dead_letters (failed_at, id)
    WHERE published < revision;

CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at TIMESTAMPTZ NOT NULL
);

-- The column names that Debezium's outbox event router looks for: Kafka Connect can publish from
-- here in the relay's place.
CREATE OR REPLACE VIEW outbox AS
SELECT id, topic AS aggregatetype, key AS aggregateid, type, data AS payload,
    stream, version, shard, gpos, occurred_at, recorded_at
FROM events WHERE topic IS NOT NULL;

-- Takes the locks of shards in ascending order, and only then, in statements of their own so that
-- they see what the holder before committed, reads versions and gives out positions. Arrays come
-- back in the order of what was asked for.
CREATE OR REPLACE FUNCTION take_shards(
    wanted INTEGER[], streams TEXT[], how_many INTEGER,
    OUT recorded_at BIGINT[], OUT versions BIGINT[], OUT gpos BIGINT[]
) LANGUAGE plpgsql AS $$
BEGIN
    recorded_at := ARRAY(
        SELECT held.recorded_at FROM (
            SELECT s.shard, s.recorded_at FROM shards s
            WHERE s.shard = ANY (wanted) ORDER BY s.shard FOR UPDATE
        ) held ORDER BY held.shard
    );
    versions := ARRAY(
        SELECT COALESCE((SELECT max(e.version) FROM events e WHERE e.stream = w.stream), 0)
        FROM unnest(streams) WITH ORDINALITY w (stream, n) ORDER BY w.n
    );
    gpos := ARRAY(SELECT nextval('gpos') FROM generate_series(1, how_many));
END $$;

-- Lets go of idempotency keys, and never of one younger than a week: a service may do this, and not
-- delete claims at will. It runs with its owner's rights; the table is bound here, not looked up.
CREATE OR REPLACE FUNCTION forget_claims(older_than BIGINT) RETURNS VOID
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC DELETE FROM idempotency
    WHERE created_at < LEAST(older_than, CAST(extract(epoch FROM now()) * 1000 AS BIGINT) - 604800000); END;
