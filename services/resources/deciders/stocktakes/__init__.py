"""Stocktakes: what lies on the shelves against what stands in the books."""
