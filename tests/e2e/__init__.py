"""The platform as people meet it: its own process, a real browser."""
