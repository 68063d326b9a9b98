-- What is owed and what is paid: receivables, payments and their trips to a bank, what the bank said, the ledger.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE receivables (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    document_id BLOB REFERENCES documents (id),
    external_id TEXT,
    contract TEXT,
    contract_folded TEXT,
    number TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL CHECK (total_minor > 0),
    rate TEXT,
    rate_on TEXT,
    as_of TEXT,
    closed_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, document_id),
    UNIQUE (issuer_id, external_id),
    CHECK ((currency = 'MXN') = (rate IS NULL)),
    CHECK ((rate IS NULL) = (rate_on IS NULL)),
    CHECK ((contract IS NULL) = (contract_folded IS NULL)),
    CHECK ((external_id IS NULL) = (as_of IS NULL))
) STRICT;
CREATE INDEX receivables_open ON receivables (customer_id, due_on, id) WHERE closed_at IS NULL;

-- What the ERP says the balance is, when that is not what we counted: never a change of the total.
CREATE TABLE adjustments (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    receivable_id BLOB NOT NULL REFERENCES receivables (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
    as_of TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX adjustments_of_receivable ON adjustments (receivable_id);

-- The portal's own short reference of a payment, counted per issuer.
CREATE TABLE payment_numbers (
    issuer_id BLOB NOT NULL PRIMARY KEY REFERENCES issuers (id),
    last_number INTEGER NOT NULL
) STRICT;

CREATE TABLE payments (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    user_id BLOB NOT NULL REFERENCES users (id),
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
    UNIQUE (issuer_id, number),
    UNIQUE (idempotency_owner, idempotency_key),
    CHECK (applied_at IS NULL OR confirmed_at IS NOT NULL)
) STRICT;
CREATE INDEX payments_of_customer ON payments (customer_id, shown_at DESC, id DESC);

-- One trip to the bank.
CREATE TABLE attempts (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
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
    UNIQUE (issuer_id, payment_id)
) STRICT;

-- What a bank, or somebody in its name, said: kept first, judged after, never changed.
CREATE TABLE evidence (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB REFERENCES issuers (id),
    attempt_id BLOB REFERENCES attempts (id),
    bank TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('return', 'notice', 'poll')),
    raw BLOB NOT NULL,
    dedupe_key BLOB NOT NULL,
    received_at TEXT NOT NULL,
    UNIQUE (bank, dedupe_key),
    CHECK ((attempt_id IS NULL) = (issuer_id IS NULL))
) STRICT;
CREATE INDEX evidence_of_attempt ON evidence (attempt_id, received_at, id);

CREATE TABLE verdicts (
    evidence_id BLOB NOT NULL PRIMARY KEY REFERENCES evidence (id),
    issuer_id BLOB REFERENCES issuers (id),
    verdict TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT,
    judged_at TEXT NOT NULL
) STRICT;

CREATE TABLE allocations (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    receivable_id BLOB NOT NULL REFERENCES receivables (id),
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    charge_minor INTEGER NOT NULL CHECK (charge_minor > 0),
    rate TEXT,
    pending_minor INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'applied', 'released')),
    applied_minor INTEGER CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
    applied_charge_minor INTEGER CHECK (applied_charge_minor >= 0 AND applied_charge_minor <= charge_minor),
    parcialidad INTEGER,
    balance_before_minor INTEGER,
    balance_after_minor INTEGER CHECK (balance_after_minor >= 0),
    applied_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (payment_id, receivable_id),
    CHECK ((state = 'applied') = (applied_minor IS NOT NULL)),
    CHECK ((applied_minor IS NULL) = (applied_charge_minor IS NULL)),
    CHECK ((applied_minor IS NULL) = (applied_at IS NULL))
) STRICT;
CREATE INDEX allocations_of_receivable ON allocations (receivable_id, state);
CREATE UNIQUE INDEX allocations_one_parcialidad ON allocations (receivable_id, parcialidad) WHERE parcialidad IS NOT NULL;

-- Facts about money, in pesos: what came, what it paid, what found nothing to pay. A balance is a sum of them.
CREATE TABLE ledger_entries (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    attempt_id BLOB NOT NULL REFERENCES attempts (id),
    receivable_id BLOB REFERENCES receivables (id),
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'application', 'unapplied_credit')),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    receivable_minor INTEGER,
    bank TEXT NOT NULL,
    bank_transaction TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    CHECK ((kind = 'application') = (receivable_id IS NOT NULL)),
    CHECK ((receivable_id IS NULL) = (receivable_minor IS NULL))
) STRICT;
CREATE UNIQUE INDEX ledger_one_receipt ON ledger_entries (issuer_id, attempt_id) WHERE kind = 'receipt';
CREATE UNIQUE INDEX ledger_one_application ON ledger_entries (issuer_id, attempt_id, receivable_id) WHERE kind = 'application';
CREATE INDEX ledger_of_payment ON ledger_entries (payment_id, kind);

-- What somebody must look at: the money is where the ledger says, the evidence asks a question.
CREATE TABLE payment_reviews (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    evidence_id BLOB REFERENCES evidence (id),
    reason TEXT NOT NULL,
    created_at TEXT NOT NULL,
    closed_at TEXT
) STRICT;
CREATE INDEX payment_reviews_open ON payment_reviews (issuer_id, created_at) WHERE closed_at IS NULL;

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
