"""Moments of a run: what a page shows of a stream, at any point from before its first batch until now.

Everything here is made of values (`lab.engine.observe`), so a run can be looked at when its query has been stopped, or Spark
is gone.
"""
