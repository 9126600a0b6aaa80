"""How many numbers training may change, counted from a table of layers: nothing is built, so any size can be
counted.

A table is a list of rows; a row names its tensors by shape and says how often it occurs.

>>> total(mlp([64, 32, 10]))
2410
>>> total(resnet50()), total(gpt3())
(25557032, 174604259328)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import EngineError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """A layer, or ``times`` equal layers: ``shapes`` are those of its weights, biases, scales …

    >>> Row("hidden", ((64, 32), (32,)), times=2).count
    4160
    """

    name: str
    shapes: tuple[Shape, ...]
    times: int = 1

    def __post_init__(self) -> None:
        for number in (*(n for shape in self.shapes for n in shape), self.times):
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise EngineError(f"The sizes of {self.name} are whole numbers from 1 on, not {number!r}.")

    @property
    def count(self) -> int:
        """All numbers of the row."""
        return self.times * sum(math.prod(shape) for shape in self.shapes)


def total(table: Iterable[Row]) -> int:
    """All numbers of a table."""
    return sum(row.count for row in table)


# -- rows ----------------------------------------------------------------------------------------------------
def dense(name: str, inputs: int, outputs: int, bias: bool = True, times: int = 1) -> Row:
    """Every output sees every input."""
    return Row(name, ((inputs, outputs), (outputs,)) if bias else ((inputs, outputs),), times)


def conv(name: str, inputs: int, outputs: int, size: int, bias: bool = True, times: int = 1) -> Row:
    """A window of size × size over images with ``inputs`` channels."""
    shapes: tuple[Shape, ...] = ((outputs, inputs, size, size),)
    return Row(name, (*shapes, (outputs,)) if bias else shapes, times)


def norm(name: str, width: int, times: int = 1) -> Row:
    """A normalisation: a scale and a shift for each channel."""
    return Row(name, ((width,), (width,)), times)


# -- tables --------------------------------------------------------------------------------------------------
def mlp(sizes: Sequence[int], bias: bool = True) -> list[Row]:
    """Dense layers of the given sizes.

    >>> [(row.name, row.count) for row in mlp([2, 3, 1])]
    [('layer 1', 9), ('layer 2', 4)]
    """
    if len(sizes) < 2:
        raise EngineError(f"An MLP is given by two sizes or more, such as [2, 16, 1], not by {sizes!r}.")
    return [dense(f"layer {k}", a, b, bias) for k, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False), 1)]


def resnet50(classes: int = 1000) -> list[Row]:
    """He, Zhang, Ren & Sun 2016, table 1, with batch normalisation after every convolution."""
    rows = [conv("first", 3, 64, 7, bias=False), norm("first norm", 64)]
    inputs = 64
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 2):
        outputs = 4 * width
        for block in range(1, blocks + 1):
            name = f"stage {stage} block {block}"
            if block == 1:  # the way around the block must change the number of channels too
                rows += [conv(f"{name} around", inputs, outputs, 1, bias=False), norm(f"{name} around norm", outputs)]
            for part, (a, b, size) in enumerate(((inputs, width, 1), (width, width, 3), (width, outputs, 1)), 1):
                rows += [conv(f"{name}.{part}", a, b, size, bias=False), norm(f"{name}.{part} norm", b)]
            inputs = outputs
    return [*rows, dense("last", inputs, classes)]


def gpt3(layers: int = 96, width: int = 12_288, words: int = 50_257, places: int = 2048) -> list[Row]:
    """Brown et al. 2020, table 2.1 (175B), in the layers of GPT-2: the last one shares the table of words."""
    return [
        Row("words", ((words, width),)),
        Row("places", ((places, width),)),
        norm("attention norm", width, layers),
        dense("query, key, value", width, 3 * width, times=layers),
        dense("attention out", width, width, times=layers),
        norm("feed-forward norm", width, layers),
        dense("feed-forward in", width, 4 * width, times=layers),
        dense("feed-forward out", 4 * width, width, times=layers),
        norm("last norm", width),
    ]


__all__ = ["Row", "conv", "dense", "gpt3", "mlp", "norm", "resnet50", "total"]
