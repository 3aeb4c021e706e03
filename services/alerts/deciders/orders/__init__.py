"""Orders and the work they mean."""
