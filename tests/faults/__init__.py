"""The fault matrix: each row is a fault, what may be answered then, and what must hold afterwards.

`make check-faults` plays every row RUNS times with each storage format, and a full run writes
doc/reliability.md. A run is made up from its row, its format and its number, the seed.
"""
