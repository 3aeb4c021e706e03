"""Agreements on production and supply, what is called off under them, and purchases in an emergency."""
