"""Grades notebooks as they are handed in: taken apart, run again, compared with the oracle, reported."""
