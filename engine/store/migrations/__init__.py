"""Alembic's environment; run by `engine.store.migrate` only."""
