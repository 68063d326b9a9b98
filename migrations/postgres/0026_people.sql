-- Proofs by passkey.
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
