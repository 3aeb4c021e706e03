"""The catalogue, stores, lots, vehicles: what goods are counted in and where they may lie."""
