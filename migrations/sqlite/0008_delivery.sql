-- Documents taken in numbers, sent, shared, published from elsewhere and withdrawn.
-- The same columns stand in ../postgres under the same file name; a test compares them.

-- The table is made anew with its large column last: SQLite reads what stands behind a large value through all of its
-- pages, and a list reads everything but the XML. Rows that point here are missed once and found again, as in 0003.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE documents_before AS SELECT * FROM documents;
DROP TABLE documents;

CREATE TABLE documents (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    kind TEXT NOT NULL CHECK (kind IN ('factura', 'nota_de_credito', 'complemento_de_pago', 'recibo', 'estado_de_cuenta')),
    state TEXT NOT NULL CHECK (state IN ('vigente', 'en_cancelacion', 'cancelada')),
    serie TEXT NOT NULL,
    folio TEXT NOT NULL,
    folio_number INTEGER,
    folio_fiscal TEXT,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    contract TEXT,
    contract_folded TEXT,
    purchase_order TEXT,
    purchase_order_folded TEXT,
    external_id TEXT,
    issued_at TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    -- Its place in the issuer's feed: what is new since somebody's last download.
    feed_seq INTEGER NOT NULL,
    withdrawn_at TEXT,
    created_at TEXT NOT NULL,
    pdf_key TEXT,
    pdf_sha256 BLOB,
    xml_sha256 BLOB,
    -- Folded text of its lines, for the search by words.
    words TEXT NOT NULL,
    xml BLOB,
    UNIQUE (issuer_id, folio_fiscal),
    CHECK ((kind IN ('factura', 'nota_de_credito', 'complemento_de_pago')) = (xml IS NOT NULL)),
    CHECK ((xml IS NULL) = (xml_sha256 IS NULL)),
    CHECK ((xml IS NULL) = (folio_fiscal IS NULL)),
    CHECK ((xml IS NULL) = (pdf_key IS NOT NULL)),
    CHECK ((pdf_key IS NULL) = (pdf_sha256 IS NULL)),
    CHECK ((contract IS NULL) = (contract_folded IS NULL)),
    CHECK ((purchase_order IS NULL) = (purchase_order_folded IS NULL))
) STRICT;

-- What was there before stands before the feed's first place, in the order in which it came.
INSERT INTO documents (id, issuer_id, kind, state, serie, folio, folio_number, folio_fiscal, receptor_rfc,
    receptor_nombre, contract, contract_folded, issued_at, issued_on, time_zone, total_minor, currency, feed_seq,
    created_at, pdf_key, pdf_sha256, xml_sha256, words, xml)
SELECT id, issuer_id, kind, state, serie, folio, folio_number, folio_fiscal, receptor_rfc, receptor_nombre, contract,
    contract_folded, issued_at, issued_on, time_zone, total_minor, currency,
    -ROW_NUMBER() OVER (PARTITION BY issuer_id ORDER BY created_at DESC, id DESC), created_at, pdf_key, pdf_sha256,
    xml_sha256, '', xml
FROM documents_before;
DROP TABLE documents_before;

CREATE INDEX documents_of_receptor ON documents (receptor_rfc, issued_on DESC, id DESC);
CREATE INDEX documents_of_receptor_by_issuer ON documents (receptor_rfc, issuer_id, issued_on DESC, id DESC);
CREATE INDEX documents_of_receptor_by_folio ON documents (receptor_rfc, folio_number);
CREATE INDEX documents_of_receptor_by_total ON documents (receptor_rfc, total_minor);
CREATE INDEX documents_of_receptor_by_feed ON documents (receptor_rfc, issuer_id, feed_seq);
CREATE INDEX documents_of_issuer ON documents (issuer_id, created_at, id);
CREATE UNIQUE INDEX documents_one_external ON documents (issuer_id, external_id) WHERE external_id IS NOT NULL;
-- A statement's number counts within its contract, a receipt's within its issuer. What was withdrawn frees its own.
CREATE UNIQUE INDEX documents_one_statement ON documents (issuer_id, contract_folded, folio)
    WHERE kind = 'estado_de_cuenta' AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX documents_one_receipt ON documents (issuer_id, serie, folio)
    WHERE kind = 'recibo' AND withdrawn_at IS NULL;

-- An order for a file of many, good once and for a minute: a browser saves it to disk without a header of ours.
CREATE TABLE download_tickets (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    session_id BLOB NOT NULL,
    wanted TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE INDEX download_tickets_by_end ON download_tickets (expires_at);

-- How far in each issuer's feed a person has taken a customer's documents.
CREATE TABLE download_marks (
    user_id BLOB NOT NULL REFERENCES users (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    last_seq INTEGER NOT NULL,
    taken_at TEXT NOT NULL,
    PRIMARY KEY (user_id, customer_id, issuer_id)
) STRICT;

-- A letter with documents that a person of the customer's had sent.
CREATE TABLE document_letters (
    letter_id BLOB NOT NULL REFERENCES letters (id),
    document_id BLOB NOT NULL REFERENCES documents (id),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (document_id, letter_id)
) STRICT;
CREATE INDEX document_letters_of_letter ON document_letters (letter_id);

-- A link to one document for somebody without an account.
CREATE TABLE document_shares (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    document_id BLOB NOT NULL REFERENCES documents (id),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    opened_count INTEGER NOT NULL,
    last_opened_at TEXT
) STRICT;
CREATE INDEX document_shares_of_document ON document_shares (document_id, customer_id, created_at);
