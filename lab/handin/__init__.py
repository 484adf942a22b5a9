"""The hand-in of a learner, and the grader."""
