"""A class: how far its learners are, and who needs help. The package `ui` draws it."""
