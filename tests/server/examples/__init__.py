"""The files in examples/, and what the documents say."""
