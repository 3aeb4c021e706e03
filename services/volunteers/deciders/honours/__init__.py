"""Honours, and what is owed to the hurt."""
