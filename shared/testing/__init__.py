"""Given / when / then for deciders, conformance suites, crash points."""
