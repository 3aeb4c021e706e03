"""The written rules of the house, as tests."""
