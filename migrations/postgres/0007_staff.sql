-- Staff and their second factor; several people of a customer; guests known by their mailbox; proofs of work.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Sessions are of three kinds from here on: a customer's person, staff, staff looking at a customer's pages.
ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'customer' CHECK (kind IN ('customer', 'staff', 'view'));
ALTER TABLE sessions ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE sessions ALTER COLUMN customer_id DROP NOT NULL;
-- What staff look at is one issuer's part of a customer.
ALTER TABLE sessions ADD COLUMN issuer_id UUID REFERENCES issuers (id);
-- When the person last proved who they are.
ALTER TABLE sessions ADD COLUMN proved_at TIMESTAMPTZ;
UPDATE sessions SET proved_at = created_at;
ALTER TABLE sessions ALTER COLUMN proved_at SET NOT NULL;
ALTER TABLE sessions DROP CONSTRAINT sessions_reach_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_reach_check CHECK (reach IN ('full', 'change_password', 'enrol'));
ALTER TABLE sessions ADD CHECK ((kind = 'staff') = (customer_id IS NULL));
ALTER TABLE sessions ADD CHECK ((kind = 'view') = (issuer_id IS NOT NULL));

-- Without an issuer: the whole installation.
CREATE TABLE staff_grants (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    issuer_id UUID REFERENCES issuers (id),
    role TEXT NOT NULL CHECK (role IN ('operator', 'staff')),
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (role = 'operator' OR issuer_id IS NOT NULL)
);
CREATE UNIQUE INDEX staff_grants_one_per_issuer ON staff_grants (user_id, issuer_id) WHERE issuer_id IS NOT NULL;
CREATE UNIQUE INDEX staff_grants_one_of_the_house ON staff_grants (user_id) WHERE issuer_id IS NULL;
CREATE INDEX staff_grants_by_issuer ON staff_grants (issuer_id, created_at);

CREATE TABLE second_factors (
    user_id UUID PRIMARY KEY REFERENCES users (id),
    -- Asked for from `confirmed_at` on.
    secret_sealed BYTEA,
    -- Begun, and not confirmed by a code yet.
    pending_sealed BYTEA,
    -- Step of the last code taken: no code is taken twice.
    last_step BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,
    CHECK ((secret_sealed IS NULL) = (confirmed_at IS NULL))
);

CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (id),
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (user_id, code_hash)
);

-- To be one of a customer's people, or staff.
CREATE TABLE invitations (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    customer_id UUID REFERENCES customers (id),
    issuer_id UUID REFERENCES issuers (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'payer', 'reader', 'operator', 'staff')),
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    invited_by UUID REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CHECK ((role IN ('owner', 'payer', 'reader')) = (customer_id IS NOT NULL))
);
CREATE INDEX invitations_of_customer ON invitations (customer_id, created_at) WHERE customer_id IS NOT NULL;
CREATE INDEX invitations_of_staff ON invitations (created_at) WHERE customer_id IS NULL;
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- Who else gets a customer's letters.
CREATE TABLE mail_copies (
    id UUID PRIMARY KEY,
    customer_id UUID NOT NULL REFERENCES customers (id),
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (customer_id, email_folded)
);

-- Proofs of work that were used: each is good once.
CREATE TABLE used_work (
    challenge_hash BYTEA PRIMARY KEY,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX used_work_by_end ON used_work (expires_at);

-- Codes that went to a guest's mailbox. The six digits are kept nowhere.
CREATE TABLE mail_codes (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    tries BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX mail_codes_by_end ON mail_codes (expires_at);
CREATE INDEX stamps_by_email ON stamps (issuer_id, LOWER(email), created_at DESC);
