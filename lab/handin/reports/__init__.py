"""The grades of a class in formats for others: a table for an LMS, Gradescope's results, a page for each learner."""
