"""The division tree: who lies under whom, and since when."""
