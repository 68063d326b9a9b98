-- Documents as their customers find them: whether they hold, whose contract, the clock of the place; and the kinds
-- that are a PDF and no CFDI, whose bytes lie in the file store.
-- The same columns stand in ../postgres under the same file name; a test compares them.

-- SQLite cannot take a NOT NULL away, so the table is made anew. Invoices point at its rows: with the check put off to
-- the commit, every row that leaves with the old table is missed once and found again in the new one.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE documents_before AS SELECT * FROM documents;
DROP TABLE documents;

CREATE TABLE documents (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    kind TEXT NOT NULL CHECK (kind IN ('factura', 'nota_de_credito', 'complemento_de_pago', 'recibo', 'estado_de_cuenta')),
    serie TEXT NOT NULL,
    folio TEXT NOT NULL,
    folio_number INTEGER,
    folio_fiscal TEXT,
    receptor_rfc TEXT NOT NULL,
    receptor_nombre TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    xml BLOB,
    xml_sha256 BLOB,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('vigente', 'en_cancelacion', 'cancelada')),
    contract TEXT,
    contract_folded TEXT,
    time_zone TEXT NOT NULL,
    pdf_key TEXT,
    pdf_sha256 BLOB,
    UNIQUE (issuer_id, folio_fiscal),
    CHECK ((kind IN ('factura', 'nota_de_credito', 'complemento_de_pago')) = (xml IS NOT NULL)),
    CHECK ((xml IS NULL) = (xml_sha256 IS NULL)),
    CHECK ((xml IS NULL) = (folio_fiscal IS NULL)),
    CHECK ((xml IS NULL) = (pdf_key IS NOT NULL)),
    CHECK ((pdf_key IS NULL) = (pdf_sha256 IS NULL)),
    CHECK ((contract IS NULL) = (contract_folded IS NULL))
) STRICT;

-- Until now every document was the invoice of a ticket.
INSERT INTO documents (id, issuer_id, kind, serie, folio, folio_number, folio_fiscal, receptor_rfc, receptor_nombre,
    issued_at, issued_on, total_minor, currency, xml, xml_sha256, created_at, state, time_zone)
SELECT d.id, d.issuer_id, d.kind, d.serie, d.folio, d.folio_number, d.folio_fiscal, d.receptor_rfc, d.receptor_nombre,
    d.issued_at, d.issued_on, d.total_minor, d.currency, d.xml, d.xml_sha256, d.created_at, 'vigente',
    COALESCE(
        (SELECT b.time_zone FROM stamps AS s JOIN branches AS b ON b.id = s.branch_id WHERE s.document_id = d.id),
        'America/Mexico_City')
FROM documents_before AS d;
DROP TABLE documents_before;

CREATE INDEX documents_of_receptor ON documents (receptor_rfc, issued_on DESC, id DESC);
CREATE INDEX documents_of_receptor_by_issuer ON documents (receptor_rfc, issuer_id, issued_on DESC, id DESC);
-- A statement's number counts within its contract, a receipt's within its issuer.
CREATE UNIQUE INDEX documents_one_statement ON documents (issuer_id, contract_folded, folio) WHERE kind = 'estado_de_cuenta';
CREATE UNIQUE INDEX documents_one_receipt ON documents (issuer_id, serie, folio) WHERE kind = 'recibo';
