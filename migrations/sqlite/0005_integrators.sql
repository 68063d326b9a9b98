-- Integrators: keys of the API, the integrator's own ids, and the feed of what happened.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    prefix TEXT NOT NULL,
    key_sha256 BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used_at TEXT
) STRICT;
CREATE INDEX api_keys_of_issuer ON api_keys (issuer_id, created_at, id);

-- The integrator's own name for a customer. One customer may have several: an ERP counts its clients in its own way.
CREATE TABLE customer_externals (
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    external_id TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (issuer_id, external_id)
) STRICT;
CREATE INDEX customer_externals_of_customer ON customer_externals (customer_id);

-- The last number of an issuer's feed: its row is held until the writer's commit, so numbers are seen in their order.
CREATE TABLE event_sequences (
    issuer_id BLOB NOT NULL PRIMARY KEY REFERENCES issuers (id),
    last_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    seq INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (issuer_id, seq)
) STRICT;

ALTER TABLE tickets ADD COLUMN external_id TEXT;
-- A column that may not be empty needs a value for the rows that are there; each gets its own at once.
ALTER TABLE tickets ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';
UPDATE tickets SET updated_at = created_at;
CREATE UNIQUE INDEX tickets_one_per_external ON tickets (issuer_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tickets_by_change ON tickets (issuer_id, updated_at, id) WHERE external_id IS NOT NULL;
CREATE INDEX documents_of_issuer ON documents (issuer_id, created_at, id);
