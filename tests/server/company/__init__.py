"""Beside other plugins, other mail programs and other nodes."""
