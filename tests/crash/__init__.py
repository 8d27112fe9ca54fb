"""`kill -9` at random moments, and what must be true afterwards."""
