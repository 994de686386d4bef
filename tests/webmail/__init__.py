"""The Roundcube plugin in a real browser. make check-webmail; not part of make check."""
