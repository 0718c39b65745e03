"""Which passages two texts have in common: pure functions, no database. See docs/adr/0013.

`text` makes a text comparable, `prints` makes many texts searchable, `passages` lays two texts side by side, and
`findings` tells copying from quoting.
"""
