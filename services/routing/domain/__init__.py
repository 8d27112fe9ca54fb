"""Who gets a complaint, and why: pure decisions over recorded facts."""
