"""Benchmarks: what a session costs with the plugin and without."""
