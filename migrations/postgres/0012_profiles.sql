-- Profiles: temporary passwords, and first entries by RFC.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- The password on file was a temporary one: it opens nothing more, and another must be chosen.
ALTER TABLE users ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;

-- A person's temporary password, until it is used or over. The one before it stays good until then.
CREATE TABLE temporary_passwords (
    user_id UUID PRIMARY KEY REFERENCES users (id),
    password_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX temporary_passwords_by_end ON temporary_passwords (expires_at);

-- The temporary password of the same letter: it is good once the link was opened.
ALTER TABLE one_time_links ADD COLUMN temporary_hash TEXT;

-- What was asked for by somebody who has an RFC. The customer is named by a job, when RFC and fact match.
CREATE TABLE first_entries (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    rfc TEXT NOT NULL,
    fact TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    customer_id UUID REFERENCES customers (id),
    tries BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX first_entries_by_end ON first_entries (expires_at);
