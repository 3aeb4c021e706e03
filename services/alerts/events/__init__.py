"""Facts of the alerts service: the stored format, and the only thing neighbours may import."""
