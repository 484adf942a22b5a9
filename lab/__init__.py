"""Spark Streaming for log processing, as a lesson that runs for real."""

__version__ = "1.0.0"
