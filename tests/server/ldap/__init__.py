"""The plugin's own LDAP lookup, and the schema."""
