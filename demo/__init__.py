"""A demo: users with different policies, what they see and what they keep."""
