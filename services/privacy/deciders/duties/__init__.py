"""Rights requests, breaches, processors and impact assessments."""
