"""Read models of the alerts service: table, apply and query together."""
