"""Call-ups: who is asked, who comes, who may go, where they work."""
