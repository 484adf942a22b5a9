"""Python's garbage collector: seldom while the lab starts, and never again over what was loaded then.

Most objects of the process belong to modules. A full collection goes through all objects, which takes a fifth of a
second, and nobody's page is drawn meanwhile.
"""

import gc
from typing import Final

# The thresholds of `gc.set_threshold`. Imports make a hundred thousand objects, of which most stay.
_STARTING: Final = (100_000, 50, 1_000)
_AFTERWARDS: Final = (10_000, 10, 10)


def collect_seldom() -> None:
    """Let the imports of a start go on without collections."""
    gc.set_threshold(*_STARTING)


def spare_what_stays() -> None:
    """Collect once, and leave out of later collections what is there now.

    Garbage in cycles that is among it is freed by the next call of this function. So call it again when nobody is there.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_AFTERWARDS)
