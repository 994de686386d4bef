"""What becomes of messages at QUIT, and when nothing does."""
