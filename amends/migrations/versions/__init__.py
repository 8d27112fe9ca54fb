"""One module per version, in order of their numbers; the newest is `SCHEMA_VERSION`.

`upgrade(service)` runs once in the schema of every service, which is the search path; what concerns
one service alone asks for its name. What others have run is never edited.
"""
