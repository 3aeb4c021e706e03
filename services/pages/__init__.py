"""What a node shows of itself: its first page and a readable page of its operations. Plain files, no build step."""
