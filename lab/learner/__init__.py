"""One learner: running, checking and keeping their work."""
