-- People: customers and their contracts, users, sessions, the links that letters carry.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE customers (
    id UUID PRIMARY KEY,
    rfc TEXT NOT NULL,
    nombre TEXT NOT NULL,
    regimen TEXT NOT NULL,
    codigo_postal TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
-- The generic RFC are shared by many customers.
CREATE UNIQUE INDEX customers_one_per_rfc ON customers (rfc) WHERE rfc NOT IN ('XAXX010101000', 'XEXX010101000');

CREATE TABLE contracts (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    number TEXT NOT NULL,
    number_folded TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer_id, number_folded)
);
CREATE INDEX contracts_by_customer ON contracts (customer_id, created_at, id);
CREATE INDEX contracts_by_number ON contracts (number_folded);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    user_name TEXT,
    user_name_folded TEXT UNIQUE,
    password_hash TEXT,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE memberships (
    user_id UUID NOT NULL REFERENCES users (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'payer', 'reader')),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, customer_id)
);
CREATE INDEX memberships_by_customer ON memberships (customer_id, created_at);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    reach TEXT NOT NULL CHECK (reach IN ('full', 'change_password')),
    generation BIGINT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    refreshed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX sessions_live_of_user ON sessions (user_id, refreshed_at DESC) WHERE revoked_at IS NULL;

-- What was asked for without proof of who asks. A job finds out, away from the request, whether it matches anything.
CREATE TABLE link_requests (
    id UUID PRIMARY KEY,
    issuer_id UUID REFERENCES issuers (id),
    asked JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE one_time_links (
    token_hash BYTEA PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('activation', 'recovery')),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID REFERENCES customers (id),
    email TEXT,
    user_id UUID REFERENCES users (id),
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    CHECK ((kind = 'activation') = (customer_id IS NOT NULL AND email IS NOT NULL)),
    CHECK ((kind = 'recovery') = (user_id IS NOT NULL))
);
CREATE INDEX one_time_links_of_user ON one_time_links (user_id) WHERE used_at IS NULL;
