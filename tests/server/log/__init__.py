"""What the log and statistics tell."""
