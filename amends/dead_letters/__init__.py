"""What could not be handled, for ops: over HTTP (`api`) and as `amends dead` (`command`)."""
