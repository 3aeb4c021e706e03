"""HTTP of the alerts service: bodies and routes, nothing else."""
