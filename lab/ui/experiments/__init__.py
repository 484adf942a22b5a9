"""Experiments of a page, drawn: asked first, made with a press, then shown."""
