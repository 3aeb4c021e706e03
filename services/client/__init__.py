"""The client half of `ortoo`: story player and loader, watch, import. It talks HTTP only and knows no service's code."""
