"""HTTP of the volunteers service: bodies and routes, nothing else."""
