"""Invented installations: products with names, units and gaps of their own, and all that is true of them."""
