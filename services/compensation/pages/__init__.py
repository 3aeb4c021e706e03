"""The page on which a volunteer claims own costs and asks for a review: of use without any script, in Chinese and English."""
