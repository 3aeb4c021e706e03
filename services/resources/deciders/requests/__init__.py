"""A request for supplies: asked, assessed, approved, cut, forwarded, closed (domain 3.9)."""
