"""The cache of this user on this machine: it outlives a run of the lab, and can be deleted at any time."""

from pathlib import Path

import platformdirs

from lab.settings import Settings, read_settings


def user_cache(settings: Settings | None = None) -> Path:
    """Return the folder of LAB_CACHE, else the lab's folder in the user's cache.

    The folder may not exist, or may not be writable.
    """
    return (settings or read_settings()).cache or Path(platformdirs.user_cache_dir("spark-streaming-lab"))
