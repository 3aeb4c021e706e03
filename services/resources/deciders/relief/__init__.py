"""Relief: households, the claim through its steps, tariffs, and help over the winter."""
