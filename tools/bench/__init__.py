"""The benchmark of the lab on this machine, beside Spark's defaults: `python -m tools.bench`."""
