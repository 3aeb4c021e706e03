"""Files of many lines: received as one, taken back as one."""
