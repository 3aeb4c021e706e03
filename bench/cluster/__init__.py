"""Benchmarks of what a cluster adds: PostgreSQL, Kafka, and its processes together. `python -m bench.cluster [NAME ...] [--quick]`."""
