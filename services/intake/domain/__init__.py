"""The complaint as intake decides about it: pure, on recorded facts alone."""
