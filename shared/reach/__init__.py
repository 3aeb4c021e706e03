"""What a service sends out of the house: a queue beside its log, attempts in threads, a mail server, and the log told what became of it."""
