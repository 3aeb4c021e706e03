"""Divisions, organs, posts and adopted rule packs."""
