"""Personal texts under a key of each person: sealing, opening, and the keys (ADR 0016)."""
