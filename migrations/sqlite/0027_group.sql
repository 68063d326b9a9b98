-- What one company of the group was shown opens that company's part of a customer, and not the others'.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- Whose part of the customer the person sees. Without one: the whole group's.
ALTER TABLE memberships ADD COLUMN issuer_id BLOB REFERENCES issuers (id);

-- Of whose letters the address gets copies. Without one: of every company's.
CREATE TABLE mail_copies_of_parts (
    id BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    created_at TEXT NOT NULL,
    issuer_id BLOB REFERENCES issuers (id)
) STRICT;
INSERT INTO mail_copies_of_parts (id, customer_id, email, email_folded, created_at)
SELECT id, customer_id, email, email_folded, created_at FROM mail_copies;
DROP TABLE mail_copies;
ALTER TABLE mail_copies_of_parts RENAME TO mail_copies;
CREATE UNIQUE INDEX mail_copies_of_the_group ON mail_copies (customer_id, email_folded) WHERE issuer_id IS NULL;
CREATE UNIQUE INDEX mail_copies_of_a_part ON mail_copies (customer_id, issuer_id, email_folded)
    WHERE issuer_id IS NOT NULL;
CREATE INDEX mail_copies_by_customer ON mail_copies (customer_id, created_at);
