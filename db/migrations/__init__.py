"""Alembic's environment: how the tables came to be, one file a step."""
