-- A link to another mail address of somebody whose mailbox is lost, and acts of the log by their request; what a mailbox's
-- owner asks about their data.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- To another address of a customer's person, which whoever reads it confirms.
ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_kind_check;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_kind_check
    CHECK (kind IN ('activation', 'recovery', 'mailbox', 'address'));
ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_check;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_check
    CHECK ((kind IN ('activation', 'address')) = (customer_id IS NOT NULL AND email IS NOT NULL));
ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_check1;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_check1
    CHECK ((kind IN ('recovery', 'mailbox', 'address')) = (user_id IS NOT NULL));

-- The owner of a mailbox asks about their data for no customer.
ALTER TABLE arco_cases ALTER COLUMN customer_id DROP NOT NULL;

-- What a request did, by the number that a page shows.
CREATE INDEX audit_log_by_request ON audit_log (request_id) WHERE request_id IS NOT NULL;
