"""Audio: a clip of sound, from file to named acoustic features."""
