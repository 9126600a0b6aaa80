"""The recipe of film B as lines of source: what the clip `code` shows when nobody brings a function."""


def recipe(a=2.0, b=3.0, c=-1.0):
    """One ingredient is used twice: its blame comes back on two ways."""
    u = a * b
    v = u + c
    return v * a
