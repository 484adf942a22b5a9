"""One learner: what is run, judged and kept for them."""
