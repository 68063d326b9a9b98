-- Tills that sign what they print, orders that wait for their sale, and when a document last changed.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE till_keys (
    -- Eight letters and digits: it is printed on every ticket.
    id TEXT NOT NULL PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    branch_id UUID NOT NULL REFERENCES branches (id),
    name TEXT NOT NULL,
    secret_sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX till_keys_of_issuer ON till_keys (issuer_id, created_at, id);

-- Invoices asked for before their sale arrived. When it does, one is issued under the same id.
CREATE TABLE awaited_orders (
    id UUID NOT NULL PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    branch_id UUID NOT NULL REFERENCES branches (id),
    till_key_id TEXT NOT NULL REFERENCES till_keys (id),
    order_number TEXT NOT NULL,
    ticket_number TEXT NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    currency TEXT NOT NULL,
    sold_at TIMESTAMPTZ NOT NULL,
    invoice_until TEXT NOT NULL,
    forma_pago TEXT NOT NULL,
    receptor JSONB NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    browser_hash BYTEA NOT NULL,
    tracking TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'invoiced', 'ended')),
    problem_code TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
-- One order waits for a sale, whoever scans its ticket and however often.
CREATE UNIQUE INDEX awaited_orders_one_per_sale ON awaited_orders (issuer_id, ticket_number, order_number, branch_id)
    WHERE state = 'waiting';
CREATE INDEX awaited_orders_by_end ON awaited_orders (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE documents ADD COLUMN updated_at TIMESTAMPTZ;
UPDATE documents SET updated_at = GREATEST(created_at, withdrawn_at);
ALTER TABLE documents ALTER COLUMN updated_at SET NOT NULL;
CREATE INDEX documents_by_change ON documents (issuer_id, updated_at, id);
