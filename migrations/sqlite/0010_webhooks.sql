-- Webhooks: where an issuer's events are sent, what of them is still to be sent, and every try.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE webhook_endpoints (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    external_id TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    event_types TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    previous_secret_sealed BLOB,
    previous_until TEXT,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    disabled_because TEXT CHECK (disabled_because IN ('by_hand', 'gone', 'failing')),
    -- The first failure after the last success, and how often in a row nobody answered at all.
    failing_since TEXT,
    silences INTEGER NOT NULL,
    paused_until TEXT,
    -- One courier at a time serves an endpoint; whoever was served longest ago is next.
    lease_id BLOB,
    leased_until TEXT,
    served_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX webhook_endpoints_one_per_external ON webhook_endpoints (issuer_id, external_id)
    WHERE deleted_at IS NULL;

CREATE TABLE webhook_deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoints (id),
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked')),
    attempts INTEGER NOT NULL,
    -- When its tries began: anew when somebody sends it again.
    begun_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    last_status INTEGER,
    last_failure TEXT,
    delivered_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (endpoint_id, seq),
    FOREIGN KEY (issuer_id, seq) REFERENCES events (issuer_id, seq)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, seq) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_parked ON webhook_deliveries (endpoint_id) WHERE state = 'parked';
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at) WHERE state <> 'waiting';

CREATE TABLE webhook_attempts (
    id BLOB NOT NULL PRIMARY KEY,
    delivery_id BLOB NOT NULL REFERENCES webhook_deliveries (id),
    at TEXT NOT NULL,
    status INTEGER,
    failure TEXT,
    milliseconds INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_attempts_of_delivery ON webhook_attempts (delivery_id, at, id);

-- What an issuer says of a customer is its own: the group's data change only while nobody else knows the customer.
ALTER TABLE customer_externals ADD COLUMN nombre TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_externals ADD COLUMN regimen TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_externals ADD COLUMN codigo_postal TEXT NOT NULL DEFAULT '';
UPDATE customer_externals SET
    nombre = (SELECT c.nombre FROM customers AS c WHERE c.id = customer_externals.customer_id),
    regimen = (SELECT c.regimen FROM customers AS c WHERE c.id = customer_externals.customer_id),
    codigo_postal = (SELECT c.codigo_postal FROM customers AS c WHERE c.id = customer_externals.customer_id);
