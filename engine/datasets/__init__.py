"""chainreel.engine.datasets: examples to learn from, each made from a seed, a file of the user's, or a table.

>>> from chainreel.engine.datasets import faces
>>> train, test = faces(40, seed=11).split(test=10)
>>> train
<dataset faces, 30 rows of 24×24 pixels; classes dog, cat>
"""

from .animals import icons
from .array_file import arrays
from .csv_file import table
from .dataset import MAKERS, Dataset
from .drawings import faces
from .handwriting import digits
from .idx import mnist, read_idx
from .lamps import mirror
from .points import nine_points, wave
from .shapes import moons, spirals

__all__ = [
    "MAKERS", "Dataset", "arrays", "digits", "faces", "icons", "mirror", "mnist", "moons", "nine_points", "read_idx", "spirals",
    "table", "wave",
]  # fmt: skip
