-- The words of documents, so that a search by words looks them up and not through the documents.
-- The same table stands in ../sqlite under the same file name; a test compares them column by column.

-- In the order in which they are asked for: a receptor's documents with a word that begins so. No key to documents or
-- issuers: each of a document's words would be looked up there, and whose a document is its own row says, always asked.
CREATE TABLE document_words (
    receptor_rfc TEXT NOT NULL,
    -- Letters and digits, lower case, without accents; in the order of their bytes, whatever the database's own is.
    word TEXT COLLATE "C" NOT NULL,
    document_id UUID NOT NULL,
    PRIMARY KEY (receptor_rfc, word, document_id)
);

-- Every document that is here is read once more, for its words. What these ones name is known.
ALTER TABLE documents_unread ADD COLUMN is_named BOOLEAN NOT NULL DEFAULT FALSE;
INSERT INTO documents_unread (document_id, issuer_id, is_named)
SELECT d.id, d.issuer_id, TRUE FROM documents AS d
WHERE NOT EXISTS (SELECT 1 FROM documents_unread AS u WHERE u.document_id = d.id);
