"""Unleashed: its API over signed queries, its orders with one warehouse each."""
