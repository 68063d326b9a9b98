-- The list of a receptor's documents and what they come to, at any size, by two indexes that hold whatever a filter can
-- ask for: a page that finds little looks through an index and not through the documents, and totals are read from it
-- alone. And what documents name that were kept before their names were.
-- The same columns stand in ../sqlite under the same file name; a test compares them.

DROP INDEX documents_of_receptor;
DROP INDEX documents_of_receptor_by_issuer;
DROP INDEX documents_of_receptor_by_contract;
CREATE INDEX documents_of_receptor ON documents (receptor_rfc, issued_on DESC, id DESC, kind, issuer_id,
    contract_folded, folio_number, serie, state, currency, total_minor, withdrawn_at);
CREATE INDEX documents_of_receptor_by_contract ON documents (receptor_rfc, contract_folded, issued_on DESC, id DESC,
    kind, issuer_id, folio_number, serie, state, currency, total_minor, withdrawn_at);

-- With its documents in it, each of these answers alone: SQLite takes an index that does over one that fits better.
DROP INDEX documents_of_receptor_by_folio;
DROP INDEX documents_of_receptor_by_total;
DROP INDEX documents_of_receptor_by_order;
CREATE INDEX documents_of_receptor_by_folio ON documents (receptor_rfc, folio_number, id);
CREATE INDEX documents_of_receptor_by_total ON documents (receptor_rfc, total_minor, id);
CREATE INDEX documents_of_receptor_by_order ON documents (receptor_rfc, purchase_order_folded, id)
    WHERE purchase_order_folded IS NOT NULL;

-- CFDI whose text is still to be read for the documents that it names: those that were here before 0015.
CREATE TABLE documents_unread (
    document_id UUID NOT NULL PRIMARY KEY REFERENCES documents (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id)
);
INSERT INTO documents_unread (document_id, issuer_id)
SELECT d.id, d.issuer_id FROM documents AS d
WHERE d.xml IS NOT NULL AND NOT EXISTS (SELECT 1 FROM document_references AS r WHERE r.document_id = d.id);
