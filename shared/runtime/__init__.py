"""Hosts: they schedule the engines. `embedded`: threads over SQLite. `cluster`: processes over PostgreSQL. `simulated`: a seed, crashes."""
