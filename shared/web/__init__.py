"""The edge: problems, principals, permissions, idempotency, positions, live streams. Translates; decides nothing."""
