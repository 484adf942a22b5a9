"""What developers and whoever keeps a server run; whoever only runs the lab imports none of it."""
