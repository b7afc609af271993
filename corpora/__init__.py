"""Corpora: reading speech and labels that others laid out, and making synthetic speech."""
