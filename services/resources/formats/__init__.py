"""Bytes in, values out: spreadsheets, and what is printed on labels. No I/O."""
