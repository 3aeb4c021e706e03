"""Personal content under keys that can be destroyed: values, keyring and root key, each in a place of its own."""
