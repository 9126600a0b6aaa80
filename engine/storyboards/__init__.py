"""chainreel.engine.storyboards: the worked examples of the three films – functions, tables, settings and
seeds, once.

Films and tests import them from here; each says which chapters and beats it serves. What the storyboards
leave open (a seed, start values, the order of examples) is fixed here too, and said.
"""

from . import film_a, film_b, film_c

__all__ = ["film_a", "film_b", "film_c"]
