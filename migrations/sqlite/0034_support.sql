-- A link to another mail address of somebody whose mailbox is lost, and acts of the log by their request.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- To another address of a customer's person, which whoever reads it confirms.
CREATE TABLE one_time_links_with_addresses (
    token_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('activation', 'recovery', 'mailbox', 'address')),
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB REFERENCES customers (id),
    email TEXT,
    user_id BLOB REFERENCES users (id),
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    -- The temporary password of the same letter: it is good once the link was opened.
    temporary_hash TEXT,
    CHECK ((kind IN ('activation', 'address')) = (customer_id IS NOT NULL AND email IS NOT NULL)),
    CHECK ((kind IN ('recovery', 'mailbox', 'address')) = (user_id IS NOT NULL))
) STRICT;
INSERT INTO one_time_links_with_addresses (token_hash, kind, issuer_id, customer_id, email, user_id, language, created_at,
    expires_at, used_at, temporary_hash)
SELECT token_hash, kind, issuer_id, customer_id, email, user_id, language, created_at, expires_at, used_at,
    temporary_hash FROM one_time_links;
DROP TABLE one_time_links;
ALTER TABLE one_time_links_with_addresses RENAME TO one_time_links;
CREATE INDEX one_time_links_of_user ON one_time_links (user_id) WHERE used_at IS NULL;
CREATE INDEX one_time_links_by_end ON one_time_links (expires_at);

-- What a request did, by the number that a page shows.
CREATE INDEX audit_log_by_request ON audit_log (request_id) WHERE request_id IS NOT NULL;
