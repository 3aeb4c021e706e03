"""What is promised to a request, out of which store and lot, and by which rule (domain 3.10)."""
