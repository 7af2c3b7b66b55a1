-- Looking made nothing.
SELECT 1;
