"""The load test: a class of learners who use the lab through its websocket, as browsers do."""
