"""sla on its own log, behind its own HTTP edge, reading facts that tests record."""
