"""What is kept for this user and machine from one run of the lab to the next, and can be deleted at any time."""

from pathlib import Path

import platformdirs

from lab.settings import Settings, read_settings


def user_cache(settings: Settings | None = None) -> Path:
    """Return the folder of LAB_CACHE, else the lab's in the user's cache.

    It need not be there, nor be one that can be written.
    """
    return (settings or read_settings()).cache or Path(platformdirs.user_cache_dir("spark-streaming-lab"))
