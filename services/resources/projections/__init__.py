"""Read models: table, apply, query together."""
