"""Our own warnings from draft to end, and the messages of others."""
