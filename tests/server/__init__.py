"""Tests with a real Dovecot, one folder per area."""
