-- Letters before a sealing certificate ends: which was the last.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Days before its end that the last letter about it named: 60, 30, 7.
ALTER TABLE csds ADD COLUMN warned_days BIGINT;
