"""Goods handed out to people, against headcounts and open requests (domain 3.10)."""
