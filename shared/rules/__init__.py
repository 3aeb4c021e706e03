"""Law as data: rule packs, and which value holds where and when."""
