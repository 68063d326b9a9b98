-- Money beyond one trip to one bank: several attempts for a payment, files of banks, deposits, reversals, rates.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- A column that may not be empty needs a value for the rows that are there; each gets its own at once.
ALTER TABLE receivables ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';
UPDATE receivables SET updated_at = created_at;
CREATE INDEX receivables_of_customer ON receivables (customer_id, issuer_id, issued_on);
CREATE INDEX receivables_by_change ON receivables (issuer_id, updated_at, id) WHERE external_id IS NOT NULL;

-- This engine changes no constraint of a table that is there: each is made anew, its rows carried over, children first
-- taken away, so that no row ever names one that is gone.
CREATE TABLE new_payments (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    user_id BLOB REFERENCES users (id),
    number INTEGER NOT NULL,
    bank TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (currency = 'MXN'),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    shown_at TEXT NOT NULL,
    shown_on TEXT NOT NULL,
    confirmed_at TEXT,
    applied_at TEXT,
    receipt_document_id BLOB REFERENCES documents (id),
    idempotency_owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    origin TEXT NOT NULL DEFAULT 'order' CHECK (origin IN ('order', 'deposit')),
    reversed_at TEXT,
    reversal_reason TEXT,
    updated_at TEXT NOT NULL,
    UNIQUE (issuer_id, number),
    UNIQUE (idempotency_owner, idempotency_key),
    CHECK (applied_at IS NULL OR confirmed_at IS NOT NULL),
    CHECK ((reversed_at IS NULL) = (reversal_reason IS NULL)),
    CHECK (user_id IS NOT NULL OR origin = 'deposit')
) STRICT;
INSERT INTO new_payments (
    id, issuer_id, customer_id, user_id, number, bank, currency, amount_minor, shown_at, shown_on,
    confirmed_at, applied_at, receipt_document_id, idempotency_owner, idempotency_key, created_at, updated_at
) SELECT
    id, issuer_id, customer_id, user_id, number, bank, currency, amount_minor, shown_at, shown_on,
    confirmed_at, applied_at, receipt_document_id, idempotency_owner, idempotency_key, created_at,
    COALESCE(applied_at, confirmed_at, created_at)
FROM payments;

CREATE TABLE new_attempts (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES new_payments (id),
    bank TEXT NOT NULL,
    merchant_order TEXT NOT NULL UNIQUE,
    merchant_reference TEXT NOT NULL,
    amount_text TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('created', 'in_transit', 'pending_bank', 'confirmed', 'declined', 'cancelled', 'expired', 'unknown', 'review')),
    redirect TEXT,
    bank_secret TEXT,
    bank_transaction TEXT,
    expires_at TEXT NOT NULL,
    settled_at TEXT,
    created_at TEXT NOT NULL,
    trip INTEGER NOT NULL DEFAULT 1,
    is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0,1)),
    UNIQUE (issuer_id, payment_id, trip)
) STRICT;
INSERT INTO new_attempts (
    id, issuer_id, payment_id, bank, merchant_order, merchant_reference, amount_text, currency, state,
    redirect, bank_secret, bank_transaction, expires_at, settled_at, created_at
) SELECT
    id, issuer_id, payment_id, bank, merchant_order, merchant_reference, amount_text, currency, state,
    redirect, bank_secret, bank_transaction, expires_at, settled_at, created_at
FROM attempts;

CREATE TABLE new_evidence (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB REFERENCES issuers (id),
    attempt_id BLOB REFERENCES new_attempts (id),
    bank TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('return', 'notice', 'poll', 'file')),
    raw BLOB NOT NULL,
    dedupe_key BLOB NOT NULL,
    received_at TEXT NOT NULL,
    UNIQUE (bank, dedupe_key),
    CHECK ((attempt_id IS NULL) = (issuer_id IS NULL))
) STRICT;
INSERT INTO new_evidence (
    id, issuer_id, attempt_id, bank, source, raw, dedupe_key, received_at
) SELECT
    id, issuer_id, attempt_id, bank, source, raw, dedupe_key, received_at
FROM evidence;

CREATE TABLE new_verdicts (
    evidence_id BLOB NOT NULL PRIMARY KEY REFERENCES new_evidence (id),
    issuer_id BLOB REFERENCES issuers (id),
    verdict TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT,
    judged_at TEXT NOT NULL
) STRICT;
INSERT INTO new_verdicts (
    evidence_id, issuer_id, verdict, state_before, state_after, judged_at
) SELECT
    evidence_id, issuer_id, verdict, state_before, state_after, judged_at
FROM verdicts;

CREATE TABLE new_allocations (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES new_payments (id),
    receivable_id BLOB NOT NULL REFERENCES receivables (id),
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    charge_minor INTEGER NOT NULL CHECK (charge_minor > 0),
    rate TEXT,
    pending_minor INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'applied', 'released', 'reversed')),
    applied_minor INTEGER CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
    applied_charge_minor INTEGER CHECK (applied_charge_minor >= 0 AND applied_charge_minor <= charge_minor),
    parcialidad INTEGER,
    balance_before_minor INTEGER,
    balance_after_minor INTEGER CHECK (balance_after_minor >= 0),
    applied_at TEXT,
    created_at TEXT NOT NULL,
    rate_on TEXT,
    rate_source TEXT,
    from_credit INTEGER NOT NULL DEFAULT 0 CHECK (from_credit IN (0,1)),
    UNIQUE (payment_id, receivable_id),
    CHECK ((state IN ('applied', 'reversed')) = (applied_minor IS NOT NULL)),
    CHECK ((applied_minor IS NULL) = (applied_charge_minor IS NULL)),
    CHECK ((applied_minor IS NULL) = (applied_at IS NULL))
) STRICT;
INSERT INTO new_allocations (
    id, issuer_id, payment_id, receivable_id, currency, amount_minor, charge_minor, rate, pending_minor,
    state, applied_minor, applied_charge_minor, parcialidad, balance_before_minor, balance_after_minor,
    applied_at, created_at
) SELECT
    id, issuer_id, payment_id, receivable_id, currency, amount_minor, charge_minor, rate, pending_minor,
    state, applied_minor, applied_charge_minor, parcialidad, balance_before_minor, balance_after_minor,
    applied_at, created_at
FROM allocations;

CREATE TABLE new_ledger_entries (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    payment_id BLOB NOT NULL REFERENCES new_payments (id),
    attempt_id BLOB NOT NULL REFERENCES new_attempts (id),
    receivable_id BLOB REFERENCES receivables (id),
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'application', 'unapplied_credit', 'credit_used', 'unapplication', 'reversal')),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    receivable_minor INTEGER,
    bank TEXT NOT NULL,
    bank_transaction TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    CHECK ((kind IN ('application', 'unapplication')) = (receivable_id IS NOT NULL)),
    CHECK ((receivable_id IS NULL) = (receivable_minor IS NULL))
) STRICT;
INSERT INTO new_ledger_entries (
    id, issuer_id, customer_id, payment_id, attempt_id, receivable_id, kind, amount_minor, currency,
    receivable_minor, bank, bank_transaction, entered_at
) SELECT
    id, issuer_id, customer_id, payment_id, attempt_id, receivable_id, kind, amount_minor, currency,
    receivable_minor, bank, bank_transaction, entered_at
FROM ledger_entries;

CREATE TABLE new_payment_reviews (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES new_payments (id),
    evidence_id BLOB REFERENCES new_evidence (id),
    reason TEXT NOT NULL,
    created_at TEXT NOT NULL,
    closed_at TEXT,
    resolution TEXT,
    closed_by TEXT
) STRICT;
INSERT INTO new_payment_reviews (
    id, issuer_id, payment_id, evidence_id, reason, created_at, closed_at
) SELECT
    id, issuer_id, payment_id, evidence_id, reason, created_at, closed_at
FROM payment_reviews;

DROP TABLE payment_reviews;
DROP TABLE ledger_entries;
DROP TABLE allocations;
DROP TABLE verdicts;
DROP TABLE evidence;
DROP TABLE attempts;
DROP TABLE payments;

ALTER TABLE new_payments RENAME TO payments;
ALTER TABLE new_attempts RENAME TO attempts;
ALTER TABLE new_evidence RENAME TO evidence;
ALTER TABLE new_verdicts RENAME TO verdicts;
ALTER TABLE new_allocations RENAME TO allocations;
ALTER TABLE new_ledger_entries RENAME TO ledger_entries;
ALTER TABLE new_payment_reviews RENAME TO payment_reviews;

CREATE INDEX payments_of_customer ON payments (customer_id, shown_at DESC, id DESC);
CREATE INDEX evidence_of_attempt ON evidence (attempt_id, received_at, id);
CREATE INDEX allocations_of_receivable ON allocations (receivable_id, state);
CREATE UNIQUE INDEX allocations_one_parcialidad ON allocations (receivable_id, parcialidad) WHERE parcialidad IS NOT NULL;
CREATE UNIQUE INDEX ledger_one_receipt ON ledger_entries (issuer_id, attempt_id) WHERE kind = 'receipt';
CREATE UNIQUE INDEX ledger_one_application ON ledger_entries (issuer_id, attempt_id, receivable_id) WHERE kind = 'application';
CREATE INDEX ledger_of_payment ON ledger_entries (payment_id, kind);
CREATE INDEX payment_reviews_open ON payment_reviews (issuer_id, created_at) WHERE closed_at IS NULL;
CREATE INDEX payments_by_change ON payments (issuer_id, updated_at, id);
CREATE UNIQUE INDEX attempts_current ON attempts (payment_id) WHERE is_current;
CREATE INDEX attempts_by_reference ON attempts (issuer_id, merchant_reference);
CREATE INDEX ledger_of_receivable ON ledger_entries (receivable_id, entered_at) WHERE receivable_id IS NOT NULL;

CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence
BEGIN
    SELECT RAISE(ABORT, 'evidence is append-only');
END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
BEGIN
    SELECT RAISE(ABORT, 'evidence is append-only');
END;

CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;

-- A file of a bank, as staff brought it in.
CREATE TABLE settlement_files (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    format TEXT NOT NULL CHECK (format IN ('multipagos', 'csv')),
    bank TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    line_count INTEGER NOT NULL,
    brought_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    done_at TEXT,
    UNIQUE (issuer_id, sha256)
) STRICT;

-- Its lines: first kept, then each one settled by itself.
CREATE TABLE settlement_lines (
    file_id BLOB NOT NULL REFERENCES settlement_files (id),
    line INTEGER NOT NULL,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    raw TEXT,
    line_key BLOB,
    result TEXT,
    payment_id BLOB REFERENCES payments (id),
    merchant_order TEXT,
    merchant_reference TEXT,
    bank_transaction TEXT,
    amount_minor INTEGER,
    fee_minor INTEGER,
    fee_tax_minor INTEGER,
    paid_on TEXT,
    paid_out_on TEXT,
    settled_at TEXT,
    PRIMARY KEY (file_id, line),
    CHECK ((result IS NULL) = (settled_at IS NULL))
) STRICT;
CREATE INDEX settlement_lines_by_key ON settlement_lines (issuer_id, line_key);
CREATE INDEX settlement_lines_waiting ON settlement_lines (file_id, line) WHERE result IS NULL;

-- Pesos for one unit of a currency on a civil day, of one issuer: by hand, by its ERP, or by the Banco de México.
CREATE TABLE exchange_rates (
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    currency TEXT NOT NULL,
    valid_on TEXT NOT NULL,
    rate TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('manual', 'erp', 'banxico')),
    series TEXT,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (issuer_id, currency, valid_on)
) STRICT;

-- The number that a customer's transfers to an issuer carry.
CREATE TABLE deposit_references (
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    reference TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (issuer_id, customer_id),
    UNIQUE (issuer_id, reference)
) STRICT;
