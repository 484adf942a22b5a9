"""How fast the lab is on this machine, beside Spark's defaults: `python -m tools.bench`."""
