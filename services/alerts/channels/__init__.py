"""How a warning reaches its recipients: what is queued goes out by mail, signed webhook, one-time link or paper."""
