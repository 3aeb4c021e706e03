"""What is told to the public, and rumours."""
