"""A class: how far its learners are, and who needs help. What is shown of it, the ui draws."""
