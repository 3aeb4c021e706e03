"""Observations: kept in a store of their own, judged in event-time windows; only what crosses a threshold becomes a fact."""
