-- Guests known by their mailbox: which one a browser proved, and the fiscal data they keep for their next invoice.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- A mailbox that a browser proved with a code, and until when it counts.
CREATE TABLE guest_mailboxes (
    browser_hash BLOB NOT NULL,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    -- As it is compared: small letters.
    email TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (browser_hash, issuer_id, email)
) STRICT;
CREATE INDEX guest_mailboxes_by_end ON guest_mailboxes (expires_at);

-- What the owner of a mailbox changed of the data last invoiced to it. Without data: they are to be forgotten.
CREATE TABLE guest_receptors (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    email TEXT NOT NULL,
    rfc TEXT NOT NULL,
    nombre TEXT,
    regimen TEXT,
    codigo_postal TEXT,
    uso TEXT,
    -- Where the next invoice is mailed.
    deliver_to TEXT,
    updated_at TEXT NOT NULL,
    UNIQUE (issuer_id, email, rfc)
) STRICT;

-- The last invoice of an RFC.
CREATE INDEX stamps_by_receptor ON stamps (issuer_id, receptor_rfc, created_at);
