"""Donations: who raises funds, campaigns, gifts, and what is published of goods and money."""
