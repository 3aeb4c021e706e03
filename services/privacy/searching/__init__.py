"""The search after a destruction: in what is rebuilt, exported and backed up (ERL art. 85)."""
