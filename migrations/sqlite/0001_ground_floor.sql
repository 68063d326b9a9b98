-- The ground floor: issuers, branches, tickets, issuing, documents, letters, jobs, audit.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE issuers (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    rfc TEXT NOT NULL UNIQUE,
    nombre TEXT NOT NULL,
    commercial_name TEXT NOT NULL,
    regimen TEXT NOT NULL,
    support_email TEXT NOT NULL,
    brand_color TEXT NOT NULL,
    brand_version INTEGER NOT NULL,
    address_lines TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    daily_stamp_ceiling INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX issuers_one_default ON issuers (is_default) WHERE is_default;

CREATE TABLE branches (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    serie TEXT NOT NULL,
    invoicing_grace_days INTEGER NOT NULL,
    ticket_picture TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, name)
) STRICT;

CREATE TABLE csds (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    certificate_number TEXT NOT NULL,
    certificate_der BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    revoked_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, certificate_number)
) STRICT;

CREATE TABLE tickets (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    branch_id BLOB NOT NULL REFERENCES branches (id),
    order_number TEXT NOT NULL,
    ticket_number TEXT NOT NULL,
    sold_at TEXT NOT NULL,
    sold_on TEXT NOT NULL,
    invoice_until TEXT NOT NULL,
    total_minor INTEGER NOT NULL CHECK (total_minor > 0),
    currency TEXT NOT NULL,
    forma_pago TEXT,
    lines TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'reserved', 'invoiced', 'in_global', 'cancelled')),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, branch_id, order_number, ticket_number)
) STRICT;
CREATE INDEX tickets_by_state ON tickets (issuer_id, state, sold_at DESC, id DESC);

CREATE TABLE folios (
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    serie TEXT NOT NULL,
    last_folio INTEGER NOT NULL,
    PRIMARY KEY (issuer_id, serie)
) STRICT;

CREATE TABLE documents (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    kind TEXT NOT NULL CHECK (kind IN ('factura', 'nota_de_credito', 'complemento_de_pago', 'recibo', 'estado_de_cuenta')),
    serie TEXT NOT NULL,
    folio TEXT NOT NULL,
    folio_number INTEGER,
    folio_fiscal TEXT NOT NULL,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    xml BLOB NOT NULL,
    xml_sha256 BLOB NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, folio_fiscal)
) STRICT;

CREATE TABLE stamps (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    branch_id BLOB NOT NULL REFERENCES branches (id),
    ticket_id BLOB NOT NULL REFERENCES tickets (id),
    csd_id BLOB NOT NULL REFERENCES csds (id),
    state TEXT NOT NULL CHECK (state IN ('sealed', 'stamped', 'rejected')),
    tracking TEXT NOT NULL UNIQUE,
    serie TEXT NOT NULL,
    folio INTEGER NOT NULL,
    fecha TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    sealed_xml BLOB NOT NULL,
    sealed_sha256 BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    last_attempt_at TEXT,
    next_attempt_at TEXT,
    sat_code TEXT,
    problem_code TEXT,
    problem_pointer TEXT,
    document_id BLOB REFERENCES documents (id),
    stamped_at TEXT,
    idempotency_owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (issuer_id, serie, folio)
) STRICT;
-- One live invoice per ticket, whoever asks and however often.
CREATE UNIQUE INDEX stamps_one_live_per_ticket ON stamps (ticket_id) WHERE state <> 'rejected';
CREATE INDEX stamps_by_day ON stamps (issuer_id, created_at);

CREATE TABLE guest_accesses (
    browser_hash BLOB NOT NULL,
    stamp_id BLOB NOT NULL REFERENCES stamps (id),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    expires_at TEXT NOT NULL,
    PRIMARY KEY (browser_hash, stamp_id)
) STRICT;

CREATE TABLE security_counters (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    window_started_at TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT;

CREATE TABLE idempotency_records (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    request_sha256 BLOB NOT NULL,
    status INTEGER,
    content_type TEXT,
    body BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'parked')),
    run_at TEXT NOT NULL,
    lease_id BLOB,
    leased_until TEXT,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_ready ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_by_subject ON jobs (kind, subject_id);

CREATE TABLE letters (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    stamp_id BLOB REFERENCES stamps (id),
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    attachments TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    last_error TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT
) STRICT;
CREATE INDEX letters_by_stamp ON letters (stamp_id, created_at, id);
CREATE INDEX letters_by_address ON letters (LOWER(to_address), created_at);

-- What the rehearsal's own mailbox received: whole messages as a mail server would have got them.
CREATE TABLE mailbox_messages (
    id BLOB NOT NULL PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    from_line TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    attachments TEXT NOT NULL,
    raw BLOB NOT NULL,
    received_at TEXT NOT NULL
) STRICT;
CREATE INDEX mailbox_messages_by_age ON mailbox_messages (received_at DESC, id DESC);

CREATE TABLE audit_chains (
    chain TEXT NOT NULL PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    last_hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_log (
    chain TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of TEXT,
    issuer_id BLOB,
    act TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT,
    request_id TEXT,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT;
CREATE INDEX audit_log_by_object ON audit_log (object_kind, object_id);

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;

CREATE TABLE installation (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
