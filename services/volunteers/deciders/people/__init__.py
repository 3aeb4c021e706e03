"""Volunteers: registered, checked, reviewed, trained, available, gone (domain 3.17)."""
