"""What is kept for this user and machine from one run of the lab to the next, and can be deleted at any time."""

from pathlib import Path

import platformdirs


def user_cache() -> Path:
    """The lab's folder in the user's cache; it need not be there, nor be one that can be written."""
    return Path(platformdirs.user_cache_dir("spark-streaming-lab"))
