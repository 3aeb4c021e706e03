"""HTTP of the registry: bodies and routes, nothing else."""
