"""The tools for judging answers: evidence, comparisons, helpers for checks, the class of mistakes. It knows no step."""
