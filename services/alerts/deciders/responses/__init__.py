"""Responses under a plan, urgent periods, and the evaluation that follows."""
