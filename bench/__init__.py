"""Benchmarks: each the ratio to a raw limit, measured in the same run. `python -m bench [NAME ...] [--quick]`."""
