"""HTTP: bodies and routes, nothing else."""
