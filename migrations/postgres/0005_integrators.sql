-- Integrators: keys of the API, the integrator's own ids, and the feed of what happened.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE api_keys (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    prefix TEXT NOT NULL,
    key_sha256 BYTEA NOT NULL UNIQUE,
    scopes JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX api_keys_of_issuer ON api_keys (issuer_id, created_at, id);

-- The integrator's own name for a customer. One customer may have several: an ERP counts its clients in its own way.
CREATE TABLE customer_externals (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    external_id TEXT NOT NULL,
    customer_id UUID NOT NULL REFERENCES customers (id),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer_id, external_id)
);
CREATE INDEX customer_externals_of_customer ON customer_externals (customer_id);

-- The last number of an issuer's feed: its row is held until the writer's commit, so numbers are seen in their order.
CREATE TABLE event_sequences (
    issuer_id UUID PRIMARY KEY REFERENCES issuers (id),
    last_seq BIGINT NOT NULL
);

CREATE TABLE events (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    seq BIGINT NOT NULL,
    id UUID NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer_id, seq)
);

ALTER TABLE tickets
    ADD COLUMN external_id TEXT,
    ADD COLUMN updated_at TIMESTAMPTZ;
UPDATE tickets SET updated_at = created_at;
ALTER TABLE tickets ALTER COLUMN updated_at SET NOT NULL;
CREATE UNIQUE INDEX tickets_one_per_external ON tickets (issuer_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tickets_by_change ON tickets (issuer_id, updated_at, id) WHERE external_id IS NOT NULL;
CREATE INDEX documents_of_issuer ON documents (issuer_id, created_at, id);
