"""What breaks in a cluster, done to a real one under load, and judged by its history: nothing answered is lost, nothing is there twice."""
