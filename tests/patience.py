"""How long tests wait for short operations on a slow or busy machine."""

import os

# The factor by which all waits are multiplied.
PATIENCE = float(os.environ.get("LAB_TEST_PATIENCE", "1"))
