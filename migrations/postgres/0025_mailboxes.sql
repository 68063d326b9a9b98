-- Accounts of mailboxes, born with a first invoice: sessions and links of their own, and which RFC were invoiced to whom.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- A session of a mailbox is nobody's customer, as staff's is.
ALTER TABLE sessions DROP CONSTRAINT sessions_kind_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_kind_check CHECK (kind IN ('customer', 'staff', 'view', 'mailbox'));
ALTER TABLE sessions DROP CONSTRAINT sessions_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_check CHECK ((kind IN ('staff', 'mailbox')) = (customer_id IS NULL));

-- To a first password of a person whom an invoice brought.
ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_kind_check;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_kind_check CHECK (kind IN ('activation', 'recovery', 'mailbox'));
ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_check1;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_check1
    CHECK ((kind IN ('recovery', 'mailbox')) = (user_id IS NOT NULL));

-- Which RFC were invoiced to a person's address: with one of them and the address they recover their password.
CREATE TABLE mailbox_rfcs (
    user_id UUID NOT NULL REFERENCES users (id),
    rfc TEXT NOT NULL,
    -- Who invoiced it first.
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, rfc)
);

-- Who has not chosen a password yet, the oldest first.
CREATE INDEX users_without_password ON users (created_at) WHERE password_hash IS NULL;
