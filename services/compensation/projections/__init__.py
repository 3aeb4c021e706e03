"""What compensation shows: table, apply and query together."""
