-- Which documents name which others: a nota de crédito its invoice, a complemento the invoices it pays.
-- The same table stands in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE document_references (
    document_id BLOB NOT NULL REFERENCES documents (id),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    -- Of the document that is named, upper case; it need not be here.
    folio_fiscal TEXT NOT NULL,
    PRIMARY KEY (document_id, folio_fiscal)
) STRICT;
CREATE INDEX document_references_to ON document_references (issuer_id, folio_fiscal);
