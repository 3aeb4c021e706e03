"""HTTP of privacy: bodies and routes, nothing else."""
