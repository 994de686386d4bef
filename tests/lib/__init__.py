"""Helpers: private servers and directories, clients, and a model of what a policy does."""
