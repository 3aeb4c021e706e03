"""Evacuations and emergency shelters."""
