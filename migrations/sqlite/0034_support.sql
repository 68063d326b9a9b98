-- A link to another mail address of somebody whose mailbox is lost, and acts of the log by their request; what a mailbox's
-- owner asks about their data.
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

-- The owner of a mailbox asks about their data for no customer.
CREATE TABLE arco_cases_of_all (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    customer_id BLOB REFERENCES customers (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'rectification', 'cancellation', 'opposition')),
    words TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    due_on TEXT NOT NULL,
    answered_at TEXT,
    answered_by BLOB REFERENCES users (id),
    granted INTEGER CHECK (granted IN (0, 1)),
    answer TEXT,
    CHECK ((answered_at IS NULL) = (answer IS NULL) AND (answered_at IS NULL) = (granted IS NULL))
) STRICT;
INSERT INTO arco_cases_of_all (id, issuer_id, customer_id, user_id, kind, words, opened_at, due_on, answered_at, answered_by,
    granted, answer)
SELECT id, issuer_id, customer_id, user_id, kind, words, opened_at, due_on, answered_at, answered_by, granted, answer
FROM arco_cases;
DROP TABLE arco_cases;
ALTER TABLE arco_cases_of_all RENAME TO arco_cases;
CREATE INDEX arco_cases_by_issuer ON arco_cases (issuer_id, id DESC);
CREATE INDEX arco_cases_of_user ON arco_cases (user_id, id DESC);

-- What a request did, by the number that a page shows.
CREATE INDEX audit_log_by_request ON audit_log (request_id) WHERE request_id IS NOT NULL;
