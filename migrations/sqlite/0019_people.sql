-- Passkeys, and what is written at the foot of an issuer's pages.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE passkeys (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    -- The authenticator's own.
    credential_id BLOB NOT NULL UNIQUE,
    -- Its public key, and what it said of itself.
    credential TEXT NOT NULL,
    -- How often it signed, as it said last; 0 for one that does not count.
    sign_count INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE INDEX passkeys_of_user ON passkeys (user_id, created_at);

-- What a browser was asked to have signed: good once, for some minutes.
CREATE TABLE passkey_challenges (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('registration', 'second_step', 'entry')),
    -- Nobody's while whoever enters has not said who they are.
    user_id BLOB REFERENCES users (id),
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CHECK ((user_id IS NULL) = (purpose = 'entry'))
) STRICT;
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

ALTER TABLE issuers ADD COLUMN footer TEXT NOT NULL DEFAULT '';
