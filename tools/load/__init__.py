"""The load test: a class of learners that work with the lab through its websocket, as browsers do."""
