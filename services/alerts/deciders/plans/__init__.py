"""Response plans: their text, the way to their issue, and what triggers them."""
