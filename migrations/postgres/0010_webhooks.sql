-- Webhooks: where an issuer's events are sent, what of them is still to be sent, and every try.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE webhook_endpoints (
    id UUID NOT NULL PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    external_id TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    event_types JSONB NOT NULL,
    secret_sealed BYTEA NOT NULL,
    previous_secret_sealed BYTEA,
    previous_until TIMESTAMPTZ,
    enabled BOOLEAN NOT NULL,
    disabled_because TEXT CHECK (disabled_because IN ('by_hand', 'gone', 'failing')),
    -- The first failure after the last success, and how often in a row nobody answered at all.
    failing_since TIMESTAMPTZ,
    silences BIGINT NOT NULL,
    paused_until TIMESTAMPTZ,
    -- One courier at a time serves an endpoint; whoever was served longest ago is next.
    lease_id UUID,
    leased_until TIMESTAMPTZ,
    served_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX webhook_endpoints_one_per_external ON webhook_endpoints (issuer_id, external_id)
    WHERE deleted_at IS NULL;

CREATE TABLE webhook_deliveries (
    id UUID NOT NULL PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoints (id),
    seq BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked')),
    attempts BIGINT NOT NULL,
    -- When its tries began: anew when somebody sends it again.
    begun_at TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    last_status BIGINT,
    last_failure TEXT,
    delivered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (endpoint_id, seq),
    FOREIGN KEY (issuer_id, seq) REFERENCES events (issuer_id, seq)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, seq) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_parked ON webhook_deliveries (endpoint_id) WHERE state = 'parked';
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at) WHERE state <> 'waiting';

CREATE TABLE webhook_attempts (
    id UUID NOT NULL PRIMARY KEY,
    delivery_id UUID NOT NULL REFERENCES webhook_deliveries (id),
    at TIMESTAMPTZ NOT NULL,
    status BIGINT,
    failure TEXT,
    milliseconds BIGINT NOT NULL
);
CREATE INDEX webhook_attempts_of_delivery ON webhook_attempts (delivery_id, at, id);

-- What an issuer says of a customer is its own: the group's data change only while nobody else knows the customer.
ALTER TABLE customer_externals ADD COLUMN nombre TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_externals ADD COLUMN regimen TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_externals ADD COLUMN codigo_postal TEXT NOT NULL DEFAULT '';
UPDATE customer_externals SET
    nombre = (SELECT c.nombre FROM customers AS c WHERE c.id = customer_externals.customer_id),
    regimen = (SELECT c.regimen FROM customers AS c WHERE c.id = customer_externals.customer_id),
    codigo_postal = (SELECT c.codigo_postal FROM customers AS c WHERE c.id = customer_externals.customer_id);
