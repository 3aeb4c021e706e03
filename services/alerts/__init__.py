"""Monitoring and warnings: what is measured, who is warned, and what follows from it."""
