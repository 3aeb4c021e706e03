"""The data of one person: collected, read, given on, corrected, locked, destroyed."""
