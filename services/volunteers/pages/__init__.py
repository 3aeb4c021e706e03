"""Pages for people without a token: made by the server, of use without any script, in Chinese and English."""
