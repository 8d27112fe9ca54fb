"""A real broker and a real database on this machine alone, started and stopped by one process."""
