-- What one company of the group was shown opens that company's part of a customer, and not the others'.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Whose part of the customer the person sees. Without one: the whole group's.
ALTER TABLE memberships ADD COLUMN issuer_id UUID REFERENCES issuers (id);

-- Of whose letters the address gets copies. Without one: of every company's.
ALTER TABLE mail_copies ADD COLUMN issuer_id UUID REFERENCES issuers (id);
ALTER TABLE mail_copies DROP CONSTRAINT mail_copies_customer_id_email_folded_key;
CREATE UNIQUE INDEX mail_copies_of_the_group ON mail_copies (customer_id, email_folded) WHERE issuer_id IS NULL;
CREATE UNIQUE INDEX mail_copies_of_a_part ON mail_copies (customer_id, issuer_id, email_folded)
    WHERE issuer_id IS NOT NULL;
CREATE INDEX mail_copies_by_customer ON mail_copies (customer_id, created_at);
