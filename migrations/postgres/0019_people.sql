-- Passkeys, and what is written at the foot of an issuer's pages.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

CREATE TABLE passkeys (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    -- The authenticator's own.
    credential_id BYTEA NOT NULL UNIQUE,
    -- Its public key, and what it said of itself.
    credential JSONB NOT NULL,
    -- How often it signed, as it said last; 0 for one that does not count.
    sign_count BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX passkeys_of_user ON passkeys (user_id, created_at);

-- What a browser was asked to have signed: good once, for some minutes.
CREATE TABLE passkey_challenges (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('registration', 'second_step', 'entry')),
    -- Nobody's while whoever enters has not said who they are.
    user_id UUID REFERENCES users (id),
    state JSONB NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK ((user_id IS NULL) = (purpose = 'entry'))
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

ALTER TABLE issuers ADD COLUMN footer TEXT NOT NULL DEFAULT '';
