"""Social and other rescue forces: filed, assessed, ready, standing by (domain 3.16)."""
