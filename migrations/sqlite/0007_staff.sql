-- Staff and their second factor; several people of a customer; guests known by their mailbox; proofs of work.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- Sessions are of three kinds from here on: a customer's person, staff, staff looking at a customer's pages.
CREATE TABLE sessions_of_all (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'staff', 'view')),
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
    CHECK ((kind = 'staff') = (customer_id IS NULL)),
    CHECK ((kind = 'view') = (issuer_id IS NOT NULL))
) STRICT;
INSERT INTO sessions_of_all (id, kind, user_id, customer_id, reach, generation, device, created_at, refreshed_at,
    expires_at, proved_at, revoked_at)
SELECT id, 'customer', user_id, customer_id, reach, generation, device, created_at, refreshed_at, expires_at, created_at,
    revoked_at FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_of_all RENAME TO sessions;
CREATE INDEX sessions_live_of_user ON sessions (user_id, refreshed_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Without an issuer: the whole installation.
CREATE TABLE staff_grants (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    issuer_id BLOB REFERENCES issuers (id),
    role TEXT NOT NULL CHECK (role IN ('operator', 'staff')),
    created_at TEXT NOT NULL,
    CHECK (role = 'operator' OR issuer_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX staff_grants_one_per_issuer ON staff_grants (user_id, issuer_id) WHERE issuer_id IS NOT NULL;
CREATE UNIQUE INDEX staff_grants_one_of_the_house ON staff_grants (user_id) WHERE issuer_id IS NULL;
CREATE INDEX staff_grants_by_issuer ON staff_grants (issuer_id, created_at);

CREATE TABLE second_factors (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    -- Asked for from `confirmed_at` on.
    secret_sealed BLOB,
    -- Begun, and not confirmed by a code yet.
    pending_sealed BLOB,
    -- Step of the last code taken: no code is taken twice.
    last_step INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    confirmed_at TEXT,
    CHECK ((secret_sealed IS NULL) = (confirmed_at IS NULL))
) STRICT;

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id),
    code_hash BLOB NOT NULL,
    used_at TEXT,
    PRIMARY KEY (user_id, code_hash)
) STRICT;

-- To be one of a customer's people, or staff.
CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    customer_id BLOB REFERENCES customers (id),
    issuer_id BLOB REFERENCES issuers (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'payer', 'reader', 'operator', 'staff')),
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    invited_by BLOB REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    revoked_at TEXT,
    CHECK ((role IN ('owner', 'payer', 'reader')) = (customer_id IS NOT NULL))
) STRICT;
CREATE INDEX invitations_of_customer ON invitations (customer_id, created_at) WHERE customer_id IS NOT NULL;
CREATE INDEX invitations_of_staff ON invitations (created_at) WHERE customer_id IS NULL;
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- Who else gets a customer's letters.
CREATE TABLE mail_copies (
    id BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (customer_id, email_folded)
) STRICT;

-- Proofs of work that were used: each is good once.
CREATE TABLE used_work (
    challenge_hash BLOB NOT NULL PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX used_work_by_end ON used_work (expires_at);

-- Codes that went to a guest's mailbox. The six digits are kept nowhere.
CREATE TABLE mail_codes (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    tries INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE INDEX mail_codes_by_end ON mail_codes (expires_at);
CREATE INDEX stamps_by_email ON stamps (issuer_id, LOWER(email), created_at DESC);
