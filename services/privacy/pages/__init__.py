"""The page on which anybody asks for their rights: made by the server, of use without any script, in Chinese and English."""
