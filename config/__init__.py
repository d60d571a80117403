"""Wires the house together: settings, URLs, ASGI, checks and the commands that serve it."""
