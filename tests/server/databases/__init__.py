"""Accounts and policies in SQL databases, and in directories that are not OpenLDAP."""
