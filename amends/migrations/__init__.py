"""PostgreSQL schemas of the services, brought from any version to today's (ADR 0009).

`versions` holds one numbered migration after the other, the same line for all schemas; `command` is
`amends migrate`.
"""
