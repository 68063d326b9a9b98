-- Money beyond one trip to one bank: several attempts for a payment, files of banks, deposits, reversals, rates.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

ALTER TABLE receivables ADD COLUMN updated_at TIMESTAMPTZ;
UPDATE receivables SET updated_at = created_at;
ALTER TABLE receivables ALTER COLUMN updated_at SET NOT NULL;
CREATE INDEX receivables_of_customer ON receivables (customer_id, issuer_id, issued_on);
CREATE INDEX receivables_by_change ON receivables (issuer_id, updated_at, id) WHERE external_id IS NOT NULL;

ALTER TABLE payments ALTER COLUMN user_id DROP NOT NULL;
ALTER TABLE payments ADD COLUMN origin TEXT NOT NULL DEFAULT 'order' CHECK (origin IN ('order', 'deposit'));
ALTER TABLE payments ADD COLUMN reversed_at TIMESTAMPTZ;
ALTER TABLE payments ADD COLUMN reversal_reason TEXT;
ALTER TABLE payments ADD COLUMN updated_at TIMESTAMPTZ;
UPDATE payments SET updated_at = COALESCE(applied_at, confirmed_at, created_at);
ALTER TABLE payments ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE payments ADD CONSTRAINT payments_reversal_check CHECK ((reversed_at IS NULL) = (reversal_reason IS NULL));
ALTER TABLE payments ADD CONSTRAINT payments_user_check CHECK (user_id IS NOT NULL OR origin = 'deposit');
CREATE INDEX payments_by_change ON payments (issuer_id, updated_at, id);

-- A payment may go to a bank again once its trip has failed; the current one is what its customer sees.
ALTER TABLE attempts DROP CONSTRAINT attempts_issuer_id_payment_id_key;
ALTER TABLE attempts ADD COLUMN trip BIGINT NOT NULL DEFAULT 1;
ALTER TABLE attempts ADD COLUMN is_current BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE attempts ADD CONSTRAINT attempts_one_per_trip UNIQUE (issuer_id, payment_id, trip);
CREATE UNIQUE INDEX attempts_current ON attempts (payment_id) WHERE is_current;
CREATE INDEX attempts_by_reference ON attempts (issuer_id, merchant_reference);

ALTER TABLE evidence DROP CONSTRAINT evidence_source_check;
ALTER TABLE evidence ADD CONSTRAINT evidence_source_check CHECK (source IN ('return', 'notice', 'poll', 'file'));

ALTER TABLE allocations DROP CONSTRAINT allocations_state_check;
ALTER TABLE allocations ADD CONSTRAINT allocations_state_check
    CHECK (state IN ('reserved', 'applied', 'released', 'reversed'));
ALTER TABLE allocations DROP CONSTRAINT allocations_check2;
ALTER TABLE allocations ADD CONSTRAINT allocations_applied_check
    CHECK ((state IN ('applied', 'reversed')) = (applied_minor IS NOT NULL));
ALTER TABLE allocations ADD COLUMN rate_on TEXT;
ALTER TABLE allocations ADD COLUMN rate_source TEXT;
ALTER TABLE allocations ADD COLUMN from_credit BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('receipt', 'application', 'unapplied_credit', 'credit_used', 'unapplication', 'reversal'));
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_receivable_check
    CHECK ((kind IN ('application', 'unapplication')) = (receivable_id IS NOT NULL));
CREATE INDEX ledger_of_receivable ON ledger_entries (receivable_id, entered_at) WHERE receivable_id IS NOT NULL;

ALTER TABLE payment_reviews ADD COLUMN resolution TEXT;
ALTER TABLE payment_reviews ADD COLUMN closed_by TEXT;

-- A file of a bank, as staff brought it in.
CREATE TABLE settlement_files (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    format TEXT NOT NULL CHECK (format IN ('multipagos', 'csv')),
    bank TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    line_count BIGINT NOT NULL,
    brought_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    UNIQUE (issuer_id, sha256)
);

-- Its lines: first kept, then each one settled by itself.
CREATE TABLE settlement_lines (
    file_id UUID NOT NULL REFERENCES settlement_files (id),
    line BIGINT NOT NULL,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    raw TEXT,
    line_key BYTEA,
    result TEXT,
    payment_id UUID REFERENCES payments (id),
    merchant_order TEXT,
    merchant_reference TEXT,
    bank_transaction TEXT,
    amount_minor BIGINT,
    fee_minor BIGINT,
    fee_tax_minor BIGINT,
    paid_on TEXT,
    paid_out_on TEXT,
    settled_at TIMESTAMPTZ,
    PRIMARY KEY (file_id, line),
    CHECK ((result IS NULL) = (settled_at IS NULL))
);
CREATE INDEX settlement_lines_by_key ON settlement_lines (issuer_id, line_key);
CREATE INDEX settlement_lines_waiting ON settlement_lines (file_id, line) WHERE result IS NULL;

-- Pesos for one unit of a currency on a civil day, of one issuer: by hand, by its ERP, or by the Banco de México.
CREATE TABLE exchange_rates (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    currency TEXT NOT NULL,
    valid_on TEXT NOT NULL,
    rate TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('manual', 'erp', 'banxico')),
    series TEXT,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer_id, currency, valid_on)
);

-- The number that a customer's transfers to an issuer carry.
CREATE TABLE deposit_references (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    reference TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer_id, customer_id),
    UNIQUE (issuer_id, reference)
);
