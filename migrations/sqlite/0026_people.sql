-- Proofs by passkey.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- A challenge lives for minutes: whoever is in the middle of one asks again.
DROP TABLE passkey_challenges;
CREATE TABLE passkey_challenges (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('registration', 'second_step', 'entry', 'proof')),
    -- Nobody's while whoever enters has not said who they are.
    user_id BLOB REFERENCES users (id),
    -- A proof is of the session that asks; it may end before the challenge does.
    session_id BLOB,
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CHECK ((user_id IS NULL) = (purpose = 'entry')),
    CHECK ((session_id IS NOT NULL) = (purpose = 'proof'))
) STRICT;
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);
