"""Frozen values that deciders are composed of. One exists only where several aggregates use it."""
