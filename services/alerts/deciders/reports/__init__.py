"""Reports: what came in, what went up, what a person must look at, and the figures of an incident."""
