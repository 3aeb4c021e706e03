"""Property taken or lent for the rescue: powers that the law ties to an organ and a precondition, and what is owed to the owner."""
