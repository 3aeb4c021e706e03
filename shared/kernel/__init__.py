"""The words of the log: events, commands, deciders, the envelope. Imports nothing of ours."""
