"""Goods, money given for people, and what was taken for the rescue: where it is, who decided, who got it."""
