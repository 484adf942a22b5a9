"""Moments of a run: what a page shows of a stream, at any point from before its first batch until now.

Everything here is made from plain values (`lab.engine.observe`), so a page can show a run even after its query was
stopped, or Spark is gone.
"""
