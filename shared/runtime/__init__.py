"""Hosts: they schedule the engines. `embedded`: threads, one process, SQLite. `simulated`: a seed, crashes."""
