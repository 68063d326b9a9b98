-- Accounts of mailboxes, born with a first invoice: sessions and links of their own, and which RFC were invoiced to whom.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- A session of a mailbox is nobody's customer, as staff's is.
CREATE TABLE sessions_of_all (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'staff', 'view', 'mailbox')),
    user_id BLOB NOT NULL REFERENCES users (id),
    customer_id BLOB REFERENCES customers (id),
    -- What staff look at is one issuer's part of a customer.
    issuer_id BLOB REFERENCES issuers (id),
    reach TEXT NOT NULL CHECK (reach IN ('full', 'change_password', 'enrol')),
    generation INTEGER NOT NULL,
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    refreshed_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    -- When the person last proved who they are.
    proved_at TEXT NOT NULL,
    revoked_at TEXT,
    CHECK ((kind IN ('staff', 'mailbox')) = (customer_id IS NULL)),
    CHECK ((kind = 'view') = (issuer_id IS NOT NULL))
) STRICT;
INSERT INTO sessions_of_all (id, kind, user_id, customer_id, issuer_id, reach, generation, device, created_at,
    refreshed_at, expires_at, proved_at, revoked_at)
SELECT id, kind, user_id, customer_id, issuer_id, reach, generation, device, created_at, refreshed_at, expires_at,
    proved_at, revoked_at FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_of_all RENAME TO sessions;
CREATE INDEX sessions_live_of_user ON sessions (user_id, refreshed_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- To a first password of a person whom an invoice brought.
CREATE TABLE one_time_links_of_all (
    token_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('activation', 'recovery', 'mailbox')),
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
    CHECK ((kind = 'activation') = (customer_id IS NOT NULL AND email IS NOT NULL)),
    CHECK ((kind IN ('recovery', 'mailbox')) = (user_id IS NOT NULL))
) STRICT;
INSERT INTO one_time_links_of_all (token_hash, kind, issuer_id, customer_id, email, user_id, language, created_at,
    expires_at, used_at, temporary_hash)
SELECT token_hash, kind, issuer_id, customer_id, email, user_id, language, created_at, expires_at, used_at,
    temporary_hash FROM one_time_links;
DROP TABLE one_time_links;
ALTER TABLE one_time_links_of_all RENAME TO one_time_links;
CREATE INDEX one_time_links_of_user ON one_time_links (user_id) WHERE used_at IS NULL;
CREATE INDEX one_time_links_by_end ON one_time_links (expires_at);

-- Which RFC were invoiced to a person's address: with one of them and the address they recover their password.
CREATE TABLE mailbox_rfcs (
    user_id BLOB NOT NULL REFERENCES users (id),
    rfc TEXT NOT NULL,
    -- Who invoiced it first.
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, rfc)
) STRICT;

-- Who has not chosen a password yet, the oldest first.
CREATE INDEX users_without_password ON users (created_at) WHERE password_hash IS NULL;
