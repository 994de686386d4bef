"""Sessions under valgrind."""
