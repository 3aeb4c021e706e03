"""Facts of the registry: the stored format, and all that neighbours may import."""
