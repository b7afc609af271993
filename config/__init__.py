"""One Settings: what is in force and where each value came from."""

from config.layers import ConfigError
from config.settings import Settings, sources_of

__all__ = ["ConfigError", "Settings", "sources_of"]
