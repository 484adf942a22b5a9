"""What is kept for this user and machine from one run of the lab to the next, and can be deleted at any time."""

import os
from pathlib import Path
from typing import Final

import platformdirs

VARIABLE: Final = "LAB_CACHE"


def user_cache() -> Path:
    """The folder of LAB_CACHE, else the lab's in the user's cache; it need not be there, nor be one that can be written."""
    return Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("spark-streaming-lab"))
