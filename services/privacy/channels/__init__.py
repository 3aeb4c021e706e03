"""Who is called is written to: the one place where an address leaves the vault without a person asking for it."""
