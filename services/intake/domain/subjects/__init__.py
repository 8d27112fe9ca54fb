"""Persons themselves, as far as intake decides about them: legal holds, and erasing (row 28)."""
