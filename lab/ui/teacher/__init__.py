"""The teacher's pages: who may open them, and what is on them."""
