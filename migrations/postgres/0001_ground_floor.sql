-- The ground floor: issuers, branches, tickets, issuing, documents, letters, jobs, audit.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE issuers (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    rfc TEXT NOT NULL UNIQUE,
    nombre TEXT NOT NULL,
    commercial_name TEXT NOT NULL,
    regimen TEXT NOT NULL,
    support_email TEXT NOT NULL,
    brand_color TEXT NOT NULL,
    brand_version BIGINT NOT NULL,
    address_lines JSONB NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    is_default BOOLEAN NOT NULL,
    daily_stamp_ceiling BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX issuers_one_default ON issuers (is_default) WHERE is_default;

CREATE TABLE branches (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    serie TEXT NOT NULL,
    invoicing_grace_days BIGINT NOT NULL,
    ticket_picture JSONB NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, name)
);

CREATE TABLE csds (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    certificate_number TEXT NOT NULL,
    certificate_der BYTEA NOT NULL,
    key_sealed BYTEA NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, certificate_number)
);

CREATE TABLE tickets (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    branch_id UUID NOT NULL REFERENCES branches (id),
    order_number TEXT NOT NULL,
    ticket_number TEXT NOT NULL,
    sold_at TIMESTAMPTZ NOT NULL,
    sold_on TEXT NOT NULL,
    invoice_until TEXT NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    currency TEXT NOT NULL,
    forma_pago TEXT,
    lines JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'reserved', 'invoiced', 'in_global', 'cancelled')),
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, branch_id, order_number, ticket_number)
);
CREATE INDEX tickets_by_state ON tickets (issuer_id, state, sold_at DESC, id DESC);

CREATE TABLE folios (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    serie TEXT NOT NULL,
    last_folio BIGINT NOT NULL,
    PRIMARY KEY (issuer_id, serie)
);

CREATE TABLE documents (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    kind TEXT NOT NULL CHECK (kind IN ('factura', 'nota_de_credito', 'complemento_de_pago', 'recibo', 'estado_de_cuenta')),
    serie TEXT NOT NULL,
    folio TEXT NOT NULL,
    folio_number BIGINT,
    folio_fiscal TEXT NOT NULL,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    issued_on TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    xml BYTEA NOT NULL,
    xml_sha256 BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, folio_fiscal)
);

CREATE TABLE stamps (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    branch_id UUID NOT NULL REFERENCES branches (id),
    ticket_id UUID NOT NULL REFERENCES tickets (id),
    csd_id UUID NOT NULL REFERENCES csds (id),
    state TEXT NOT NULL CHECK (state IN ('sealed', 'stamped', 'rejected')),
    tracking TEXT NOT NULL UNIQUE,
    serie TEXT NOT NULL,
    folio BIGINT NOT NULL,
    fecha TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    sealed_xml BYTEA NOT NULL,
    sealed_sha256 BYTEA NOT NULL,
    attempts BIGINT NOT NULL,
    last_attempt_at TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ,
    sat_code TEXT,
    problem_code TEXT,
    problem_pointer TEXT,
    document_id UUID REFERENCES documents (id),
    stamped_at TIMESTAMPTZ,
    idempotency_owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, serie, folio)
);
-- One live invoice per ticket, whoever asks and however often.
CREATE UNIQUE INDEX stamps_one_live_per_ticket ON stamps (ticket_id) WHERE state <> 'rejected';
CREATE INDEX stamps_by_day ON stamps (issuer_id, created_at);

CREATE TABLE guest_accesses (
    browser_hash BYTEA NOT NULL,
    stamp_id UUID NOT NULL REFERENCES stamps (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (browser_hash, stamp_id)
);

CREATE TABLE security_counters (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    window_started_at TIMESTAMPTZ NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);

CREATE TABLE idempotency_records (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    request_sha256 BYTEA NOT NULL,
    status BIGINT,
    content_type TEXT,
    body BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'parked')),
    run_at TIMESTAMPTZ NOT NULL,
    lease_id UUID,
    leased_until TIMESTAMPTZ,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX jobs_ready ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_by_subject ON jobs (kind, subject_id);

CREATE TABLE letters (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    stamp_id UUID REFERENCES stamps (id),
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    attachments JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts BIGINT NOT NULL,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ
);
CREATE INDEX letters_by_stamp ON letters (stamp_id, created_at, id);
CREATE INDEX letters_by_address ON letters (LOWER(to_address), created_at);

-- What the rehearsal's own mailbox received: whole messages as a mail server would have got them.
CREATE TABLE mailbox_messages (
    id UUID PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    from_line TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    attachments JSONB NOT NULL,
    raw BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX mailbox_messages_by_age ON mailbox_messages (received_at DESC, id DESC);

CREATE TABLE audit_chains (
    chain TEXT PRIMARY KEY,
    last_seq BIGINT NOT NULL,
    last_hash BYTEA NOT NULL
);

CREATE TABLE audit_log (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of TEXT,
    issuer_id UUID,
    act TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT,
    request_id TEXT,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_log_by_object ON audit_log (object_kind, object_id);

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END;
$$;
CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();

CREATE TABLE installation (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
