"""The experiments of a page: a question first, then a press that runs the experiment, then its outcome."""
