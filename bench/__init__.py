"""Benchmarks: each prints JSON lines with a median of three and the goal. `python -m bench [NAME ...]`."""
