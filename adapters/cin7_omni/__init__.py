"""Cin7 Omni: version 1 of its API, whose answers of 200 may hold failures."""
