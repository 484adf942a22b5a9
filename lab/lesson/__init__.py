"""The lesson: its steps, how they are run for a learner, and the four results that are checked."""
