"""Users on several nodes, and nodes that die. make check-cluster; not part of make check."""
