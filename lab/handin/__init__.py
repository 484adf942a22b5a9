"""What a learner hands in, and how it is graded."""
