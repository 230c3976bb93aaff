"""Opening a session, the mirror of its close: what it needs to know, and whether the house is in order."""
