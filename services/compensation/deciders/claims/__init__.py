"""Claims: opened, proved, assessed, decided, served, paid, appealed."""
