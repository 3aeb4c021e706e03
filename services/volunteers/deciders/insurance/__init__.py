"""Insurance policies: who is covered when, where and for what (domain 3.19)."""
