"""Social forces and volunteers: who they are, whom to call, what they did."""
