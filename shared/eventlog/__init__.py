"""The ports of the log (`ports.py`) and their adapters."""
