"""Goods on their way: ordered, picked, loaded, under way, received by who is named, reconciled to the piece (domain 3.10)."""
