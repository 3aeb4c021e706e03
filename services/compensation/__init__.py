"""Claims for compensation of every kind: one procedure, from opening to payment and appeal (domain 3.13)."""
