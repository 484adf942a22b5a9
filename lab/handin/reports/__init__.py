"""The grades of a class in the forms that others take: a table for an LMS, Gradescope's results, a page for each learner."""
