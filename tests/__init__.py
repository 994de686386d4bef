"""Tests of the plugin, and the helpers that the demo and the benchmarks use as well."""
