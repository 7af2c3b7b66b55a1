-- The queue goes with pair 0008.
SELECT 1;
