-- Tills that sign what they print, orders that wait for their sale, and when a document last changed.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE till_keys (
    -- Eight letters and digits: it is printed on every ticket.
    id TEXT NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    branch_id BLOB NOT NULL REFERENCES branches (id),
    name TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX till_keys_of_issuer ON till_keys (issuer_id, created_at, id);

-- Invoices asked for before their sale arrived. When it does, one is issued under the same id.
CREATE TABLE awaited_orders (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    branch_id BLOB NOT NULL REFERENCES branches (id),
    till_key_id TEXT NOT NULL REFERENCES till_keys (id),
    order_number TEXT NOT NULL,
    ticket_number TEXT NOT NULL,
    total_minor INTEGER NOT NULL CHECK (total_minor > 0),
    currency TEXT NOT NULL,
    sold_at TEXT NOT NULL,
    invoice_until TEXT NOT NULL,
    forma_pago TEXT NOT NULL,
    receptor TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    browser_hash BLOB NOT NULL,
    tracking TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'invoiced', 'ended')),
    problem_code TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
-- One order waits for a sale, whoever scans its ticket and however often.
CREATE UNIQUE INDEX awaited_orders_one_per_sale ON awaited_orders (issuer_id, ticket_number, order_number, branch_id)
    WHERE state = 'waiting';
CREATE INDEX awaited_orders_by_end ON awaited_orders (ended_at) WHERE ended_at IS NOT NULL;

-- A column that may not be empty needs a value for the rows that are there; each gets its own at once.
ALTER TABLE documents ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';
UPDATE documents SET updated_at = CASE WHEN withdrawn_at > created_at THEN withdrawn_at ELSE created_at END;
CREATE INDEX documents_by_change ON documents (issuer_id, updated_at, id);
