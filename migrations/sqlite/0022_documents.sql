-- The words of documents, so that a search by words looks them up and not through the documents.
-- The same table stands in ../postgres under the same file name; a test compares them column by column.

-- In the order in which they are asked for: a receptor's documents with a word that begins so. No key to documents or
-- issuers: each of a document's words would be looked up there, and whose a document is its own row says, always asked.
CREATE TABLE document_words (
    receptor_rfc TEXT NOT NULL,
    -- Letters and digits, lower case, without accents.
    word TEXT NOT NULL,
    document_id BLOB NOT NULL,
    PRIMARY KEY (receptor_rfc, word, document_id)
) STRICT, WITHOUT ROWID;

-- Every document that is here is read once more, for its words. What these ones name is known.
ALTER TABLE documents_unread ADD COLUMN is_named INTEGER NOT NULL DEFAULT 0 CHECK (is_named IN (0, 1));
INSERT INTO documents_unread (document_id, issuer_id, is_named)
SELECT d.id, d.issuer_id, 1 FROM documents AS d
WHERE NOT EXISTS (SELECT 1 FROM documents_unread AS u WHERE u.document_id = d.id);
