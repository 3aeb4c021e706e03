"""Work of the desks that look after volunteers."""
