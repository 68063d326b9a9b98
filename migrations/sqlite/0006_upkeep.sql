-- Upkeep: the indexes by which rows past their term are found; and where an answer to a letter goes.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

CREATE INDEX security_counters_by_age ON security_counters (window_started_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX one_time_links_by_end ON one_time_links (expires_at);
CREATE INDEX guest_accesses_by_end ON guest_accesses (expires_at);

-- Letters written before had none.
ALTER TABLE letters ADD COLUMN reply_to TEXT;
