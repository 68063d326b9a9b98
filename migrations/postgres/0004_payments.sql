-- What is owed and what is paid: receivables, payments and their trips to a bank, what the bank said, the ledger.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE receivables (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    document_id UUID REFERENCES documents (id),
    external_id TEXT,
    contract TEXT,
    contract_folded TEXT,
    number TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    rate TEXT,
    rate_on TEXT,
    as_of TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, document_id),
    UNIQUE (issuer_id, external_id),
    CHECK ((currency = 'MXN') = (rate IS NULL)),
    CHECK ((rate IS NULL) = (rate_on IS NULL)),
    CHECK ((contract IS NULL) = (contract_folded IS NULL)),
    CHECK ((external_id IS NULL) = (as_of IS NULL))
);
CREATE INDEX receivables_open ON receivables (customer_id, due_on, id) WHERE closed_at IS NULL;

-- What the ERP says the balance is, when that is not what we counted: never a change of the total.
CREATE TABLE adjustments (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    receivable_id UUID NOT NULL REFERENCES receivables (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    as_of TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX adjustments_of_receivable ON adjustments (receivable_id);

-- The portal's own short reference of a payment, counted per issuer.
CREATE TABLE payment_numbers (
    issuer_id UUID PRIMARY KEY REFERENCES issuers (id),
    last_number BIGINT NOT NULL
);

CREATE TABLE payments (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    user_id UUID NOT NULL REFERENCES users (id),
    number BIGINT NOT NULL,
    bank TEXT NOT NULL,
    currency TEXT NOT NULL CHECK (currency = 'MXN'),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    shown_at TIMESTAMPTZ NOT NULL,
    shown_on TEXT NOT NULL,
    confirmed_at TIMESTAMPTZ,
    applied_at TIMESTAMPTZ,
    receipt_document_id UUID REFERENCES documents (id),
    idempotency_owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, number),
    UNIQUE (idempotency_owner, idempotency_key),
    CHECK (applied_at IS NULL OR confirmed_at IS NOT NULL)
);
CREATE INDEX payments_of_customer ON payments (customer_id, shown_at DESC, id DESC);

-- One trip to the bank.
CREATE TABLE attempts (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    bank TEXT NOT NULL,
    merchant_order TEXT NOT NULL UNIQUE,
    merchant_reference TEXT NOT NULL,
    amount_text TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('created', 'in_transit', 'pending_bank', 'confirmed', 'declined', 'cancelled', 'expired', 'unknown', 'review')),
    redirect JSONB,
    bank_secret TEXT,
    bank_transaction TEXT,
    expires_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, payment_id)
);

-- What a bank, or somebody in its name, said: kept first, judged after, never changed.
CREATE TABLE evidence (
    id UUID PRIMARY KEY,
    issuer_id UUID REFERENCES issuers (id),
    attempt_id UUID REFERENCES attempts (id),
    bank TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('return', 'notice', 'poll')),
    raw BYTEA NOT NULL,
    dedupe_key BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    UNIQUE (bank, dedupe_key),
    CHECK ((attempt_id IS NULL) = (issuer_id IS NULL))
);
CREATE INDEX evidence_of_attempt ON evidence (attempt_id, received_at, id);

CREATE TABLE verdicts (
    evidence_id UUID PRIMARY KEY REFERENCES evidence (id),
    issuer_id UUID REFERENCES issuers (id),
    verdict TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT,
    judged_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE allocations (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    receivable_id UUID NOT NULL REFERENCES receivables (id),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    charge_minor BIGINT NOT NULL CHECK (charge_minor > 0),
    rate TEXT,
    pending_minor BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'applied', 'released')),
    applied_minor BIGINT CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
    applied_charge_minor BIGINT CHECK (applied_charge_minor >= 0 AND applied_charge_minor <= charge_minor),
    parcialidad BIGINT,
    balance_before_minor BIGINT,
    balance_after_minor BIGINT CHECK (balance_after_minor >= 0),
    applied_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (payment_id, receivable_id),
    CHECK ((state = 'applied') = (applied_minor IS NOT NULL)),
    CHECK ((applied_minor IS NULL) = (applied_charge_minor IS NULL)),
    CHECK ((applied_minor IS NULL) = (applied_at IS NULL))
);
CREATE INDEX allocations_of_receivable ON allocations (receivable_id, state);
CREATE UNIQUE INDEX allocations_one_parcialidad ON allocations (receivable_id, parcialidad) WHERE parcialidad IS NOT NULL;

-- Facts about money, in pesos: what came, what it paid, what found nothing to pay. A balance is a sum of them.
CREATE TABLE ledger_entries (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    attempt_id UUID NOT NULL REFERENCES attempts (id),
    receivable_id UUID REFERENCES receivables (id),
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'application', 'unapplied_credit')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    receivable_minor BIGINT,
    bank TEXT NOT NULL,
    bank_transaction TEXT NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    CHECK ((kind = 'application') = (receivable_id IS NOT NULL)),
    CHECK ((receivable_id IS NULL) = (receivable_minor IS NULL))
);
CREATE UNIQUE INDEX ledger_one_receipt ON ledger_entries (issuer_id, attempt_id) WHERE kind = 'receipt';
CREATE UNIQUE INDEX ledger_one_application ON ledger_entries (issuer_id, attempt_id, receivable_id) WHERE kind = 'application';
CREATE INDEX ledger_of_payment ON ledger_entries (payment_id, kind);

-- What somebody must look at: the money is where the ledger says, the evidence asks a question.
CREATE TABLE payment_reviews (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    evidence_id UUID REFERENCES evidence (id),
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);
CREATE INDEX payment_reviews_open ON payment_reviews (issuer_id, created_at) WHERE closed_at IS NULL;

CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is append-only';
END;
$$;
CREATE TRIGGER evidence_no_change BEFORE UPDATE OR DELETE ON evidence
    FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only();

CREATE FUNCTION ledger_entries_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_entries is append-only';
END;
$$;
CREATE TRIGGER ledger_entries_no_change BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION ledger_entries_is_append_only();
