"""What is checked of each step. Each check adds to the evidence what it has found; `examine` puts it into words."""
