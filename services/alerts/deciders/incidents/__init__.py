"""Incidents and what stands in the way of closing them."""
