"""The demo: people who act on the platform over HTTP, and a report of what came of it."""
