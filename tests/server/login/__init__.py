"""Who gets in, with which settings, and what others are told."""
