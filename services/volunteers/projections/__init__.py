"""Read models of the volunteers service: table, apply and query together."""
