-- Documents as their customers find them: whether they hold, whose contract, the clock of the place; and the kinds
-- that are a PDF and no CFDI, whose bytes lie in the file store.
-- The same columns stand in ../sqlite under the same file name; a test compares them.

ALTER TABLE documents
    ALTER COLUMN folio_fiscal DROP NOT NULL,
    ALTER COLUMN xml DROP NOT NULL,
    ALTER COLUMN xml_sha256 DROP NOT NULL,
    ADD COLUMN state TEXT NOT NULL DEFAULT 'vigente' CHECK (state IN ('vigente', 'en_cancelacion', 'cancelada')),
    ADD COLUMN contract TEXT,
    ADD COLUMN contract_folded TEXT,
    ADD COLUMN time_zone TEXT,
    ADD COLUMN pdf_key TEXT,
    ADD COLUMN pdf_sha256 BYTEA;

-- Until now every document was the invoice of a ticket.
UPDATE documents SET time_zone = COALESCE(
    (SELECT b.time_zone FROM stamps AS s JOIN branches AS b ON b.id = s.branch_id WHERE s.document_id = documents.id),
    'America/Mexico_City');

ALTER TABLE documents
    ALTER COLUMN state DROP DEFAULT,
    ALTER COLUMN time_zone SET NOT NULL,
    ADD CHECK ((kind IN ('factura', 'nota_de_credito', 'complemento_de_pago')) = (xml IS NOT NULL)),
    ADD CHECK ((xml IS NULL) = (xml_sha256 IS NULL)),
    ADD CHECK ((xml IS NULL) = (folio_fiscal IS NULL)),
    ADD CHECK ((xml IS NULL) = (pdf_key IS NOT NULL)),
    ADD CHECK ((pdf_key IS NULL) = (pdf_sha256 IS NULL)),
    ADD CHECK ((contract IS NULL) = (contract_folded IS NULL));

CREATE INDEX documents_of_receptor ON documents (receptor_rfc, issued_on DESC, id DESC);
CREATE INDEX documents_of_receptor_by_issuer ON documents (receptor_rfc, issuer_id, issued_on DESC, id DESC);
-- A statement's number counts within its contract, a receipt's within its issuer.
CREATE UNIQUE INDEX documents_one_statement ON documents (issuer_id, contract_folded, folio) WHERE kind = 'estado_de_cuenta';
CREATE UNIQUE INDEX documents_one_receipt ON documents (issuer_id, serie, folio) WHERE kind = 'recibo';
