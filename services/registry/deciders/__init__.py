"""What the registry decides: pure, one module for each aggregate."""
