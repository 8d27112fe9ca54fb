"""Playbooks: what guides the work on a category of complaints, and its versions."""
