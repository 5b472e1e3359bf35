"""Imports in the browser: a file comes in pieces, its columns are mapped, and a worker takes its rows in."""
