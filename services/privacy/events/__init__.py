"""Facts of privacy: the stored format, and all that neighbours may import. None of them holds a personal value."""
