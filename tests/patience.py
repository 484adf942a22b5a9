"""How long tests wait: for what comes in a moment, unless the machine is slow or busy."""

import os

# How many times longer than usual.
PATIENCE = float(os.environ.get("LAB_TEST_PATIENCE", "1"))
