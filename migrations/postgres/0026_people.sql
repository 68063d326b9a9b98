-- Proofs by passkey, and the addresses of people that a mail server refused.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- A challenge lives for minutes: whoever is in the middle of one asks again.
DROP TABLE passkey_challenges;
CREATE TABLE passkey_challenges (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('registration', 'second_step', 'entry', 'proof')),
    -- Nobody's while whoever enters has not said who they are.
    user_id UUID REFERENCES users (id),
    -- A proof is of the session that asks; it may end before the challenge does.
    session_id UUID,
    state JSONB NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK ((user_id IS NULL) = (purpose = 'entry')),
    CHECK ((session_id IS NOT NULL) = (purpose = 'proof'))
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

-- Addresses that a mail server does not take; the first letter that one takes lets go of it.
CREATE TABLE mail_refusals (
    -- As it is compared: small letters.
    email_folded TEXT NOT NULL PRIMARY KEY,
    since TIMESTAMPTZ NOT NULL,
    -- What the server said last, in numbers alone.
    code BIGINT NOT NULL,
    status TEXT,
    -- When it was last asked, and with which letter: that one goes on if it was told to come again.
    tried_at TIMESTAMPTZ NOT NULL,
    tried_with UUID NOT NULL
);
CREATE INDEX mail_refusals_by_try ON mail_refusals (tried_at);

-- What the server said of the address, of a letter that ended for it, tried or not.
ALTER TABLE letters ADD COLUMN refusal TEXT CHECK (refusal IS NULL OR state = 'failed');
-- A code, a link, or a word about somebody's own access or data.
ALTER TABLE letters ADD COLUMN of_access BOOLEAN NOT NULL DEFAULT FALSE;
