"""What somebody is owed for, and who speaks for a force."""
