"""What the registry shows: table, apply and query together."""
