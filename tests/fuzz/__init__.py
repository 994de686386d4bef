"""The parsers that the bytes of strangers reach, fed with random ones (CONTRIBUTING.md, Fuzz)."""
