-- Documents taken in numbers, sent, shared, published from elsewhere and withdrawn.
-- The same columns stand in ../sqlite under the same file name; a test compares them.

ALTER TABLE documents
    ADD COLUMN purchase_order TEXT,
    ADD COLUMN purchase_order_folded TEXT,
    ADD COLUMN external_id TEXT,
    -- Its place in the issuer's feed: what is new since somebody's last download. What was there before stands
    -- before the feed's first place, in the order in which it came.
    ADD COLUMN feed_seq BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN withdrawn_at TIMESTAMPTZ,
    -- Folded text of its lines, for the search by words.
    ADD COLUMN words TEXT NOT NULL DEFAULT '',
    ADD CHECK ((purchase_order IS NULL) = (purchase_order_folded IS NULL));
UPDATE documents SET feed_seq = placed.seq
FROM (SELECT id, -ROW_NUMBER() OVER (PARTITION BY issuer_id ORDER BY created_at DESC, id DESC) AS seq FROM documents) AS placed
WHERE placed.id = documents.id;
ALTER TABLE documents ALTER COLUMN feed_seq DROP DEFAULT, ALTER COLUMN words DROP DEFAULT;

CREATE INDEX documents_of_receptor_by_folio ON documents (receptor_rfc, folio_number);
CREATE INDEX documents_of_receptor_by_total ON documents (receptor_rfc, total_minor);
CREATE INDEX documents_of_receptor_by_feed ON documents (receptor_rfc, issuer_id, feed_seq);
CREATE UNIQUE INDEX documents_one_external ON documents (issuer_id, external_id) WHERE external_id IS NOT NULL;
-- A statement's number counts within its contract, a receipt's within its issuer. What was withdrawn frees its own.
DROP INDEX documents_one_statement;
DROP INDEX documents_one_receipt;
CREATE UNIQUE INDEX documents_one_statement ON documents (issuer_id, contract_folded, folio)
    WHERE kind = 'estado_de_cuenta' AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX documents_one_receipt ON documents (issuer_id, serie, folio)
    WHERE kind = 'recibo' AND withdrawn_at IS NULL;

-- An order for a file of many, good once and for a minute: a browser saves it to disk without a header of ours.
CREATE TABLE download_tickets (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    session_id UUID NOT NULL,
    wanted TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX download_tickets_by_end ON download_tickets (expires_at);

-- How far in each issuer's feed a person has taken a customer's documents.
CREATE TABLE download_marks (
    user_id UUID NOT NULL REFERENCES users (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    last_seq BIGINT NOT NULL,
    taken_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, customer_id, issuer_id)
);

-- A letter with documents that a person of the customer's had sent.
CREATE TABLE document_letters (
    letter_id UUID NOT NULL REFERENCES letters (id),
    document_id UUID NOT NULL REFERENCES documents (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    user_id UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (document_id, letter_id)
);
CREATE INDEX document_letters_of_letter ON document_letters (letter_id);

-- A link to one document for somebody without an account.
CREATE TABLE document_shares (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    document_id UUID NOT NULL REFERENCES documents (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    user_id UUID NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    opened_count BIGINT NOT NULL,
    last_opened_at TIMESTAMPTZ
);
CREATE INDEX document_shares_of_document ON document_shares (document_id, customer_id, created_at);
