-- Documents at the desk and in the background: what is looked for by its folio, files that are made while nobody waits,
-- letters that wait for more to say.
-- The same columns stand in ../sqlite under the same file name; a test compares them.

-- A paper's number is looked for before it is published, and by whoever answers the telephone.
CREATE INDEX documents_of_issuer_by_folio ON documents (issuer_id, folio);

-- What a number in the search box can be, each by an index of its own; a piece of a folio fiscal is looked for in the
-- index alone.
CREATE INDEX documents_of_receptor_by_contract ON documents (receptor_rfc, contract_folded);
CREATE INDEX documents_of_receptor_by_order ON documents (receptor_rfc, purchase_order_folded)
    WHERE purchase_order_folded IS NOT NULL;
CREATE INDEX documents_of_receptor_by_stamp ON documents (receptor_rfc, folio_fiscal, id);

-- A file of many documents that is made in the background.
CREATE TABLE document_bundles (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    -- What, as JSON.
    wanted TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'ready', 'failed')),
    documents BIGINT NOT NULL,
    done BIGINT NOT NULL,
    bytes BIGINT,
    -- How far of each feed it goes, as JSON: the marks once the file was taken whole.
    reaches TEXT NOT NULL,
    -- Whoever makes it, and when they last said so: one that is silent for long is dead.
    worker_id UUID,
    worked_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX document_bundles_of_user ON document_bundles (user_id, customer_id, created_at);
CREATE INDEX document_bundles_by_end ON document_bundles (expires_at);

-- A letter that waits until its time to name everything that was published for a customer meanwhile.
CREATE TABLE document_digests (
    id UUID NOT NULL PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    -- Documents after this place of the issuer's feed.
    after_seq BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, customer_id)
);
