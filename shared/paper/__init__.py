"""Papers: what is on them as data, and how they become PDF. Knows no business words."""
