"""Where people come in: who they are, what they hand over, and the code with which they come back. Beside the log."""
