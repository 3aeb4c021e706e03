"""Content-addressed bytes: blob first, then the event that names it."""
