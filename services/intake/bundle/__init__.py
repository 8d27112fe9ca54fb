"""The evidence bundle: all that was recorded of one complaint, for a court to check offline."""
