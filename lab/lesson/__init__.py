"""What is taught: the steps with their checks and mistakes, the predictions, and the four results."""
