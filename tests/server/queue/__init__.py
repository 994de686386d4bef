"""Which messages a session lists, in which order, under which UIDL."""
