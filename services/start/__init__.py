"""How every process of ours begins: its settings, its realm, its socket, and what a cluster's processes are composed of."""
