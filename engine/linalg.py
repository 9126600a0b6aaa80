# mypy: disable-error-code="has-type"
"""Linear algebra: products by subscripts, inverses, determinants and decompositions, with numpy's names and arguments.

The derivatives of matrix functions are those of M. B. Giles, "An extended collection of matrix derivative results for
forward and reverse mode automatic differentiation" (2008); of the Cholesky factor, I. Murray, "Differentiation of the
Cholesky decomposition" (2016); of the QR factors, S. Walter and L. Lehmann, "Algorithmic differentiation of linear
algebra functions" (2010); of the pseudoinverse, G. Golub and V. Pereyra (1973); of the matrix exponential by a block
matrix, N. Higham, "Functions of Matrices" (2008), theorem 3.6.

What a function reads is what its slopes are taken by: ``cholesky``, ``eigh`` and ``eigvalsh`` read one triangle of the
matrix, so an element of it stands for its mirror image too, and the slope by the other triangle is 0. Matrices may be
stacked: everything works on the last two axes.

Domains: inv, solve, slogdet: regular matrices (det: all); cholesky: positive definite; pinv, lstsq: constant rank; qr: full
column rank; eigenvectors and singular vectors: simple values. Eigenvalues that coincide share no slope: they have that of
the basis which was computed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import elementwise as e
from . import linear
from . import reductions as r
from .arrays import array_of, moveaxis, numpy_diagonal, plainly, ravel, reshape, tril
from .errors import EngineError
from .primitive import Linear, TwoWay
from .shapes import bare, fit, shape_of, widen
from .tensor import refuse


def turned(x: Any) -> Any:
    """The transpose of the last two axes."""
    n = len(shape_of(x))
    return linear.transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _column(x: Any) -> Any:
    return reshape(x, (*shape_of(x), 1))


def _row(x: Any) -> Any:
    shape = shape_of(x)
    return reshape(x, (*shape[:-1], 1, shape[-1]))


def product(*factors: Any) -> Any:
    return functools.reduce(lambda a, b: linear.matmul(a, b), factors)


# -- products by subscripts ------------------------------------------------------------------------------------------
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def explicit(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """Subscripts with every axis named: no ellipsis, no implied output."""
    text = subscripts.replace(" ", "")
    left, arrow, out = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"np.einsum: the subscripts name {len(terms)} operands, {len(shapes)} were given")
    used = set(text)
    free = [letter for letter in _LETTERS if letter not in used]
    extra = 0
    counts = []
    for term, shape in zip(terms, shapes, strict=True):
        counts.append(len(shape) - len(term.replace("...", "")) if "..." in term else 0)
        extra = max(extra, counts[-1])
    dots = "".join(free[:extra])
    if not arrow:
        letters = left.replace(",", "").replace("...", "")
        out = ("..." if "..." in left else "") + "".join(sorted(x for x in set(letters) if letters.count(x) == 1))
    terms = [term.replace("...", dots[extra - count :]) for term, count in zip(terms, counts, strict=True)]
    return terms, out.replace("...", dots)


def _einsum(*xs: Any, subscripts: str) -> Any:
    if any(isinstance(x, np.ndarray) and x.dtype == object for x in xs):
        return np.einsum(subscripts, *xs)
    work = math.prod(max(1, np.size(x)) for x in xs)
    return np.einsum(subscripts, *xs, optimize=len(xs) > 2 or (len(xs) == 2 and work > 10_000))


class Einsum(Linear):
    """Linear in each of any number of operands. The transpose is again a sum by subscripts: the adjoint takes the
    operand's place, the operand's letters become the output."""

    def __init__(self) -> None:
        super().__init__("einsum", _einsum)
        self.pulls = self.guarded = _Slots(self._pull)
        self.many = self._many

    def _pull(self, slot: int, g: Any, y: Any, *xs: Any, subscripts: str) -> Any:
        left, out = subscripts.split("->")
        terms = left.split(",")
        own, shape = terms[slot], shape_of(xs[slot])
        others = terms[:slot] + terms[slot + 1 :]
        rest = xs[:slot] + xs[slot + 1 :]
        letters = "".join(dict.fromkeys(own))
        known = set(out).union(*others)
        found = "".join(x for x in letters if x in known)
        part = self(g, *rest, subscripts=",".join([out, *others]) + "->" + found)
        sizes = {x: n for x, n in zip(own, shape, strict=True)}
        if found != letters:  # what was summed away: every element gets the same
            part = reshape(part, tuple(shape_of(part)[found.index(x)] if x in found else 1 for x in letters))
        want = tuple(sizes[x] for x in letters)
        part = fit(widen(part, np.broadcast_shapes(shape_of(part), want)), np.empty(want) if want else 0.0)
        if letters == own:
            return part
        grid = dict(zip(letters, np.ix_(*(np.arange(n) for n in want)), strict=True))  # a diagonal: back on it
        return linear.scatter(part, shape=shape, key=tuple(grid[x] for x in own))

    def _many(self, slot: int, tangents: Any, y: Any, xs: tuple, params: dict) -> Any:
        left, out = params["subscripts"].split("->")
        terms = left.split(",")
        new = next(letter for letter in _LETTERS if letter not in params["subscripts"])
        terms[slot] = new + terms[slot]
        return self(*xs[:slot], tangents, *xs[slot + 1 :], subscripts=",".join(terms) + "->" + new + out)


class _Slots:
    def __init__(self, rule: Callable):
        self.rule = rule

    def __getitem__(self, slot: int) -> Callable:
        return functools.partial(self.rule, slot)


by_subscripts = Einsum()
by_subscripts.view = True  # where it only exchanges axes or takes a diagonal


def einsum(*operands: Any, out: Any = None, optimize: Any = False, **options: Any) -> Any:
    plainly("einsum", out=out, dtype=options.pop("dtype", None))
    if not isinstance(operands[0], str):  # einsum(x, [0, 1], y, [1, 2], [0, 2])
        pairs, rest = operands[: len(operands) // 2 * 2], operands[len(operands) // 2 * 2 :]

        def spelled(labels: Any) -> str:
            return "".join("..." if k is Ellipsis else _LETTERS[k] for k in labels)

        text = ",".join(spelled(labels) for labels in pairs[1::2]) + ("->" + spelled(rest[0]) if rest else "")
        operands = (text, *pairs[::2])
    xs = [array_of(x) for x in operands[1:]]
    terms, output = explicit(operands[0], [shape_of(x) for x in xs])
    return by_subscripts(*xs, subscripts=",".join(terms) + "->" + output)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = array_of(a), array_of(b)
    n, m = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, (int, np.integer)):
        left, right = list(range(n - axes, n)), list(range(axes))
    else:
        left, right = ([int(k) for k in np.atleast_1d(part)] for part in axes)
    first, second = list(_LETTERS[:n]), list(_LETTERS[n : n + m])
    for i, j in zip(left, right, strict=True):
        if shape_of(a)[i] != shape_of(b)[j]:
            raise ValueError("shape-mismatch for sum")
        second[j] = first[i]
    inside = {first[i] for i in left}
    out = [x for x in first + second if x not in inside]
    return by_subscripts(a, b, subscripts=f"{''.join(first)},{''.join(second)}->{''.join(out)}")


def dot(a: Any, b: Any, out: Any = None) -> Any:
    plainly("dot", out=out)
    a, b = array_of(a), array_of(b)
    if not shape_of(a) or not shape_of(b):
        return a * b
    if len(shape_of(b)) <= 2:
        return linear.matmul(a, b)
    return tensordot(a, b, ((-1,), (-2,)))


def vdot(a: Any, b: Any, /) -> Any:
    return linear.matmul(ravel(a), ravel(b))


def inner(a: Any, b: Any, /) -> Any:
    a, b = array_of(a), array_of(b)
    if not shape_of(a) or not shape_of(b):
        return a * b
    return linear.matmul(a, b) if len(shape_of(b)) == 1 else tensordot(a, b, ((-1,), (-1,)))


def outer(a: Any, b: Any, out: Any = None) -> Any:
    plainly("outer", out=out)
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def kron(a: Any, b: Any) -> Any:
    a, b = array_of(a), array_of(b)
    n = max(len(shape_of(a)), len(shape_of(b)))
    s, t = ((1,) * (n - len(shape_of(x))) + shape_of(x) for x in (a, b))
    first = reshape(a, tuple(k for m in s for k in (m, 1)))
    second = reshape(b, tuple(k for m in t for k in (1, m)))
    return reshape(first * second, tuple(m * k for m, k in zip(s, t, strict=True)))


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    n, m = shape_of(a)[-1], shape_of(b)[-1]
    if n not in (2, 3) or m not in (2, 3):
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    first = [linear.index(a, key=(..., k)) for k in range(n)] + [0.0] * (3 - n)
    second = [linear.index(b, key=(..., k)) for k in range(m)] + [0.0] * (3 - m)
    (x, y, z), (u, v, w) = first, second
    if n == m == 2:
        return x * v - y * u
    parts = (y * w - z * v, z * u - x * w, x * v - y * u)
    shape = np.broadcast_shapes(*map(shape_of, parts))
    return moveaxis(linear.stack(*(widen(part, shape) for part in parts), axis=-1), -1, axisc)


def vecdot(x: Any, z: Any, axis: int = -1) -> Any:
    x, z = array_of(x), array_of(z)
    if axis != -1:
        x, z = moveaxis(x, axis, -1), moveaxis(z, axis, -1)
    return by_subscripts(x, z, subscripts="{},{}->{}".format(*_aligned(x, z, "z", "z", "")))


def matvec(x: Any, z: Any) -> Any:
    return by_subscripts(*(pair := (array_of(x), array_of(z))), subscripts="{},{}->{}".format(*_aligned(*pair, "yz", "z", "y")))


def vecmat(x: Any, z: Any) -> Any:
    return by_subscripts(*(pair := (array_of(x), array_of(z))), subscripts="{},{}->{}".format(*_aligned(*pair, "y", "yz", "z")))


def _aligned(x: Any, z: Any, own: str, other: str, out: str) -> tuple[str, str, str]:
    """Subscripts whose leading axes broadcast from the back."""
    n, m = len(shape_of(x)) - len(own), len(shape_of(z)) - len(other)
    lead = _LETTERS[: max(n, m)]
    return lead[len(lead) - n :] + own, lead[len(lead) - m :] + other, lead + out


def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """From the left or from the right, whichever takes fewer multiplications."""
    plainly("multi_dot", out=out)
    arrays = [array_of(a) for a in arrays]
    edges = [shape_of(arrays[0])[0] if len(shape_of(arrays[0])) > 1 else 1, *(shape_of(a)[-1] if len(shape_of(a)) > 1
             else shape_of(a)[0] if k == 0 else 1 for k, a in enumerate(arrays))]  # fmt: skip
    left = sum(edges[0] * edges[k] * edges[k + 1] for k in range(1, len(arrays)))
    right = sum(edges[k] * edges[k + 1] * edges[-1] for k in range(len(arrays) - 1))
    if left <= right:
        return product(*arrays)
    return functools.reduce(lambda done, a: linear.matmul(a, done), reversed(arrays))


def matrix_power(a: Any, n: int) -> Any:
    a, n = array_of(a), int(n)
    if n < 0:
        a, n = inv(a), -n
    if n == 0:
        return np.broadcast_to(np.eye(shape_of(a)[-1]), shape_of(a)).copy()
    result = None
    while n:
        if n & 1:
            result = a if result is None else linear.matmul(result, a)
        n >>= 1
        a = linear.matmul(a, a) if n else a
    return result


# -- inverses --------------------------------------------------------------------------------------------------------
inverse = TwoWay(
    "inv",
    np.linalg.inv,
    (lambda g, y, x: -product(turned(y), g, turned(y)),),
    (lambda t, y, x: -product(y, t, y),),
    many=lambda slot, t, y, xs, params: -product(y, t, y),
)


def _solve_by_matrix(g: Any, y: Any, a: Any, b: Any) -> Any:
    return fit(-linear.matmul(solution(turned(a), g), turned(y)), a)


solution = TwoWay(
    "solve",
    np.linalg.solve,
    (_solve_by_matrix, lambda g, y, a, b: fit(solution(turned(a), g), b)),
    (lambda t, y, a, b: -solution(a, linear.matmul(t, y)), lambda t, y, a, b: widen(solution(a, t), shape_of(y))),
)


def inv(a: Any) -> Any:
    return inverse(array_of(a))


def solve(a: Any, b: Any) -> Any:
    """b of one dimension is a vector, of more a stack of matrices (numpy 2)."""
    a, b = array_of(a), array_of(b)
    if len(shape_of(b)) != 1:
        return solution(a, b)
    result = solution(a, _column(b))
    return reshape(result, shape_of(result)[:-1])


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, **options: Any) -> Any:
    """As in scipy.linalg: only one triangle of a is read."""
    from .arrays import triu

    a, b = array_of(a), array_of(b)
    a = tril(a) if lower else triu(a)
    if unit_diagonal:
        eye = np.eye(shape_of(a)[-1])
        a = a * (1.0 - eye) + eye
    a = turned(a) if trans in (1, "T", 2, "C") else a
    if len(shape_of(b)) == len(shape_of(a)) - 1:
        return reshape(solution(a, _column(b)), shape_of(b))
    return solution(a, b)


def _pinv(x: Any, rcond: Any) -> Any:
    return np.linalg.pinv(x) if rcond is None else np.linalg.pinv(x, rcond)


def _pinv_push(t: Any, p: Any, a: Any, rcond: Any) -> Any:
    """-P T P + P Pᵀ Tᵀ (1 - A P) + (1 - P A) Tᵀ Pᵀ P"""
    left, right = np.eye(shape_of(a)[-2]) - linear.matmul(a, p), np.eye(shape_of(a)[-1]) - linear.matmul(p, a)
    s, q = turned(t), turned(p)
    return product(p, q, s, left) + product(right, s, q, p) - product(p, t, p)


def _pinv_pull(g: Any, p: Any, a: Any, rcond: Any) -> Any:
    left, right = np.eye(shape_of(a)[-2]) - linear.matmul(a, p), np.eye(shape_of(a)[-1]) - linear.matmul(p, a)
    h, q = turned(g), turned(p)
    return product(left, h, p, q) + product(q, p, h, right) - product(q, g, q)


pseudoinverse = TwoWay("pinv", _pinv, (_pinv_pull,), (_pinv_push,))


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    rcond = rtol if rcond is None and rtol is not np._NoValue else rcond
    a = array_of(a)
    if hermitian:  # numpy reads the lower triangle
        a = tril(a) + turned(tril(a, -1))
    return pseudoinverse(a, rcond=rcond)


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple:
    """The solution and the residuals have slopes (constant rank); the rank is a number, the singular values come along."""
    a, b = array_of(a), array_of(b)
    _, residuals, rank, _ = np.linalg.lstsq(bare(a), bare(b), rcond)
    x = linear.matmul(pseudoinverse(a, rcond=None), b)
    left = r.sum(e.square(b - linear.matmul(a, x)), axis=0) if np.size(residuals) else residuals
    return x, (reshape(left, (-1,)) if np.size(residuals) else left), rank, singular_values(a)


def tensorinv(a: Any, ind: int = 2) -> Any:
    shape = shape_of(array_of(a))
    size = math.prod(shape[ind:])
    return reshape(inv(reshape(a, (size, -1))), (*shape[ind:], *shape[:ind]))


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = array_of(a), array_of(b)
    n = len(shape_of(a))
    last = [k % n for k in axes or ()]
    a = linear.transpose(a, axes=(*(k for k in range(n) if k not in last), *last))
    rest = shape_of(a)[len(shape_of(b)) :]
    return reshape(solve(reshape(a, (-1, math.prod(rest))), ravel(b)), rest)


# -- determinants ----------------------------------------------------------------------------------------------------
def _cofactors(x: np.ndarray) -> np.ndarray:
    """The derivative of det: det(x) x⁻ᵀ, by singular values so that singular matrices are no exception."""
    u, s, vt = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    others = r._products_of_others(s, s.ndim - 1)
    return np.asarray(sign)[..., None, None] * np.matmul(u * others[..., None, :], vt)


def _minors(x: Any) -> Any:
    """For each element the matrix without its row and column: shape (…, n, n, n-1, n-1)."""
    n = shape_of(x)[-1]
    rest = np.array([[k for k in range(n) if k != i] for i in range(n)], int).reshape(n, n - 1)
    return linear.index(x, key=(..., rest[:, None, :, None], rest[None, :, None, :]))


def cofactors(x: Any) -> Any:
    """Of a plain matrix by singular values; of a Tensor as determinants of its minors, which have slopes themselves."""
    if bare(x) is x:
        return _cofactors(np.asarray(x))
    n = shape_of(x)[-1]
    if np.all(np.linalg.cond(bare(x)) < 1e8):
        d = determinant(x)
        return reshape(d, (*shape_of(d), 1, 1)) * turned(inverse(x))
    return (-1.0) ** np.add.outer(np.arange(n), np.arange(n)) * determinant(_minors(x))


determinant = TwoWay(
    "det",
    np.linalg.det,
    (lambda g, y, x: reshape(g, (*shape_of(g), 1, 1)) * cofactors(x) if shape_of(x)[-1] else 0.0 * x,),
    (lambda t, y, x: r.sum(t * cofactors(x), axis=(-2, -1)),),
    many=lambda slot, t, y, xs, params: r.sum(t * cofactors(xs[0]), axis=(-2, -1)),
)
log_determinant = TwoWay(
    "logdet",
    lambda x: np.linalg.slogdet(x)[1],
    (lambda g, y, x: reshape(g, (*shape_of(g), 1, 1)) * turned(inverse(x)),),
    (lambda t, y, x: r.sum(t * turned(inverse(x)), axis=(-2, -1)),),
    many=lambda slot, t, y, xs, params: r.sum(t * turned(inverse(xs[0])), axis=(-2, -1)),
)


def det(a: Any) -> Any:
    return determinant(array_of(a))


def slogdet(a: Any) -> Any:
    """The sign is a constant; the logarithm has a slope wherever the matrix is regular."""
    a = array_of(a)
    sign = np.linalg.slogdet(bare(a))[0]
    return _pair("SlogdetResult", ("sign", "logabsdet"), sign if np.ndim(sign) else float(sign), log_determinant(a))


def _pair(name: str, fields: tuple[str, ...], *values: Any) -> Any:
    """numpy's named results."""
    from collections import namedtuple

    return _RESULTS.setdefault(name, namedtuple(name, fields))(*values)


_RESULTS: dict[str, Any] = {}


# -- decompositions --------------------------------------------------------------------------------------------------
def _half_lower(x: Any) -> Any:
    """The lower triangle, its diagonal halved."""
    n = shape_of(x)[-1]
    return x * (np.tri(n, k=-1) + 0.5 * np.eye(n))


def _triangle(n: int, uplo: str) -> np.ndarray:
    low = np.tri(n, k=-1)
    return low if uplo == "L" else low.T


def _onto_triangle(x: Any, uplo: str = "L") -> Any:
    """The adjoint of a symmetric matrix, as one of the triangle that was read."""
    n = shape_of(x)[-1]
    return (x + turned(x)) * _triangle(n, uplo) + x * np.eye(n)


def _from_triangle(t: Any, uplo: str = "L") -> Any:
    """A tangent of one triangle, as one of the symmetric matrix it stands for."""
    n = shape_of(t)[-1]
    part = t * _triangle(n, uplo)
    return part + turned(part) + t * np.eye(n)


def _cholesky_pull(g: Any, y: Any, x: Any) -> Any:
    back = inverse(y)
    return _onto_triangle(product(turned(back), _half_lower(linear.matmul(turned(y), g)), back))


def _cholesky_push(t: Any, y: Any, x: Any) -> Any:
    back = inverse(y)
    return linear.matmul(y, _half_lower(product(back, _from_triangle(t), turned(back))))


lower_factor = TwoWay("cholesky", np.linalg.cholesky, (_cholesky_pull,), (_cholesky_push,))


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """numpy reads the lower triangle (the upper one with ``upper=True``)."""
    a = array_of(a)
    return turned(lower_factor(turned(a))) if upper else lower_factor(a)


def _gaps(values: Any, what: str) -> Any:
    """1/(λ_j - λ_i) off the diagonal, 0 on it."""
    n = shape_of(values)[-1]
    eye = np.eye(n)
    difference = _row(values) - _column(values)
    if np.any((bare(difference) == 0) & (eye == 0)):
        raise EngineError(f"Two {what} coincide, so their vectors have no derivative; only the {what} do.")
    return e.divide(1.0 - eye, difference + eye)


def _eigenvectors_pull(g: Any, v: Any, x: Any, uplo: str) -> Any:
    inside = _gaps(eigenvalues(x, uplo=uplo), "eigenvalues") * linear.matmul(turned(v), g)
    return _onto_triangle(product(v, inside, turned(v)), uplo)


def _eigenvectors_push(t: Any, v: Any, x: Any, uplo: str) -> Any:
    turn = product(turned(v), _from_triangle(t, uplo), v)
    return linear.matmul(v, _gaps(eigenvalues(x, uplo=uplo), "eigenvalues") * turn)


def _eigenvalues_pull(g: Any, y: Any, x: Any, uplo: str) -> Any:
    v = eigenvectors(x, uplo=uplo)
    return _onto_triangle(product(v * _row(g), turned(v)), uplo)


def _eigenvalues_push(t: Any, y: Any, x: Any, uplo: str) -> Any:
    v = eigenvectors(x, uplo=uplo)
    return numpy_diagonal(product(turned(v), _from_triangle(t, uplo), v), 0, -2, -1)


eigenvalues = TwoWay("eigvalsh", lambda x, uplo: np.linalg.eigh(x, uplo)[0], (_eigenvalues_pull,), (_eigenvalues_push,))
eigenvectors = TwoWay("eigh", lambda x, uplo: np.linalg.eigh(x, uplo)[1], (_eigenvectors_pull,), (_eigenvectors_push,))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return eigenvalues(array_of(a), uplo=UPLO.upper())


def eigh(a: Any, UPLO: str = "L") -> Any:
    a, uplo = array_of(a), UPLO.upper()
    return _pair("EighResult", ("eigenvalues", "eigenvectors"), eigenvalues(a, uplo=uplo), eigenvectors(a, uplo=uplo))


def _no_complex(name: str, instead: str) -> Callable:
    def call(*args: Any, **options: Any) -> Any:
        refuse(f"np.{name} may give complex numbers, and the engine computes with real ones; {instead}")

    return call


singular_values = TwoWay(
    "svdvals",
    lambda x: np.linalg.svd(x, full_matrices=False)[1],
    (lambda g, y, x: (lambda u, vt: product(u * _row(g), vt))(*_bases(x)),),
    (lambda t, y, x: (lambda u, vt: numpy_diagonal(product(turned(u), t, turned(vt)), 0, -2, -1))(*_bases(x)),),
)


def _svd_pull(g: Any, y: Any, x: Any) -> Any:
    """U over V in one array of (m + n, k); with h = 1/(s_j² - s_i²), the parts outside the bases projected."""
    m, n = shape_of(x)[-2:]
    s = singular_values(x)
    u, v = _upper(y, m), _lower(y, m)
    gu, gv = _upper(g, m), _lower(g, m)
    h = _gaps(e.square(s), "singular values")
    p, q = linear.matmul(turned(u), gu), linear.matmul(turned(v), gv)
    core = h * (p - turned(p)) * _row(s) + _column(s) * (h * (q - turned(q)))
    result = product(u, core, turned(v))
    if m > n:
        result = result + linear.matmul(gu - linear.matmul(u, p), turned(v) / _column(s))
    if n > m:
        result = result + linear.matmul(u / _row(s), turned(gv - linear.matmul(v, q)))
    return result


def _svd_push(t: Any, y: Any, x: Any) -> Any:
    m, n = shape_of(x)[-2:]
    s = singular_values(x)
    u, v = _upper(y, m), _lower(y, m)
    h = _gaps(e.square(s), "singular values")
    d = product(turned(u), t, v)
    du = linear.matmul(u, h * (d * _row(s) + _column(s) * turned(d)))
    dv = linear.matmul(v, h * (_column(s) * d + turned(d) * _row(s)))
    if m > n:
        du = du + (linear.matmul(t, v) - linear.matmul(u, d)) / _row(s)
    if n > m:
        dv = dv + (linear.matmul(turned(t), u) - linear.matmul(v, turned(d))) / _row(s)
    return linear.concatenate(du, dv, axis=-2)


def _svd_packed(x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, np.swapaxes(vt, -1, -2)], axis=-2)


def _upper(packed: Any, rows: int) -> Any:
    return linear.index(packed, key=(..., slice(None, rows), slice(None)))


def _lower(packed: Any, rows: int) -> Any:
    return linear.index(packed, key=(..., slice(rows, None), slice(None)))


singular_vectors = TwoWay("svd", _svd_packed, (_svd_pull,), (_svd_push,))


def _bases(x: Any) -> tuple[Any, Any]:
    packed, m = singular_vectors(x), shape_of(x)[-2]
    return _upper(packed, m), turned(_lower(packed, m))


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    a = array_of(a)
    if hermitian:
        refuse("np.linalg.svd with hermitian=True has no derivative rule here; use np.linalg.eigh")
    if not compute_uv:
        return singular_values(a)
    if full_matrices and shape_of(a)[-2] != shape_of(a)[-1]:
        refuse(
            "np.linalg.svd of a matrix that is not square completes its bases by vectors that are no function of the "
            "matrix; use full_matrices=False"
        )
    u, vt = _bases(a)
    return _pair("SVDResult", ("U", "S", "Vh"), u, singular_values(a), vt)


def svdvals(x: Any, /) -> Any:
    return singular_values(array_of(x))


def _qr_packed(x: Any) -> Any:
    """Q over Rᵀ, an array of (m + n, n)."""
    q, upper = np.linalg.qr(x)
    return np.concatenate([q, np.swapaxes(upper, -1, -2)], axis=-2)


def _qr_pull(g: Any, y: Any, x: Any) -> Any:
    m = shape_of(x)[-2]
    q, upper = _upper(y, m), turned(_lower(y, m))
    gq, gr = _upper(g, m), turned(_lower(g, m))
    n = shape_of(x)[-1]
    core = linear.matmul(upper, turned(gr)) - linear.matmul(turned(gq), q)
    low = core * np.tri(n, k=-1)
    core = low + turned(low) + core * np.eye(n)
    return turned(solution(upper, turned(gq + linear.matmul(q, core))))


def _qr_push(t: Any, y: Any, x: Any) -> Any:
    m, n = shape_of(x)[-2:]
    q, upper = _upper(y, m), turned(_lower(y, m))
    back = turned(solution(turned(upper), turned(t)))  # T R⁻¹
    c = linear.matmul(turned(q), back)
    low = c * np.tri(n, k=-1)
    turn = low - turned(low)  # the antisymmetric part of Qᵀ dQ
    dq = back - linear.matmul(q, c) + linear.matmul(q, turn)
    return linear.concatenate(dq, turned(linear.matmul(c - turn, upper)), axis=-2)


qr_factors = TwoWay("qr", _qr_packed, (_qr_pull,), (_qr_push,))


def qr(a: Any, mode: str = "reduced") -> Any:
    a = array_of(a)
    m, n = shape_of(a)[-2:]
    if mode == "complete" and m <= n:
        mode = "reduced"
    if mode not in ("reduced", "r"):
        refuse(f"np.linalg.qr with mode={mode!r} has no derivative rule here; use mode='reduced'")
    packed = qr_factors(linear.index(a, key=(..., slice(None, m))) if m < n else a)
    q, upper = _upper(packed, m), turned(_lower(packed, m))
    if m < n:
        upper = linear.concatenate(upper, linear.matmul(turned(q), linear.index(a, key=(..., slice(m, None)))), axis=-1)
    return upper if mode == "r" else _pair("QRResult", ("Q", "R"), q, upper)


# -- the exponential -------------------------------------------------------------------------------------------------
def _expm(x: Any) -> Any:
    from scipy.linalg import expm as exponential

    return exponential(x)


def _expm_push(t: Any, y: Any, x: Any) -> Any:
    """exp of [[x, t], [0, x]] has the derivative along t in its corner."""
    n = shape_of(x)[-1]
    top = linear.concatenate(x, t, axis=-1)
    bottom = linear.concatenate(np.zeros(shape_of(x)), x, axis=-1)
    corner = matrix_exponential(linear.concatenate(top, bottom, axis=-2))
    return linear.index(corner, key=(..., slice(None, n), slice(n, None)))


matrix_exponential = TwoWay("expm", _expm, (lambda g, y, x: _expm_push(g, y, turned(x)),), (_expm_push,))


def expm(A: Any) -> Any:
    """exp of a square matrix, as in scipy.linalg."""
    return matrix_exponential(array_of(A))


def _sylvester(a: Any, b: Any, q: Any) -> Any:
    from scipy.linalg import solve_sylvester

    return solve_sylvester(a, b, q)


def _back(g: Any, a: Any, b: Any) -> Any:
    return sylvester(turned(a), turned(b), g)


sylvester = TwoWay(
    "sylvester",  # x with a x + x b = q
    _sylvester,
    (
        lambda g, x, a, b, q: -linear.matmul(_back(g, a, b), turned(x)),
        lambda g, x, a, b, q: -linear.matmul(turned(x), _back(g, a, b)),
        lambda g, x, a, b, q: _back(g, a, b),
    ),
    (
        lambda t, x, a, b, q: -sylvester(a, b, linear.matmul(t, x)),
        lambda t, x, a, b, q: -sylvester(a, b, linear.matmul(x, t)),
        lambda t, x, a, b, q: sylvester(a, b, t),
    ),
)


def _sqrtm(x: Any) -> Any:
    from scipy.linalg import sqrtm as root

    result = root(x)
    if np.iscomplexobj(result):
        raise EngineError("This matrix has no real square root.")
    return result


matrix_root = TwoWay(
    "sqrtm",
    _sqrtm,
    (lambda g, y, x: sylvester(turned(y), turned(y), g),),
    (lambda t, y, x: sylvester(y, y, t),),
)


def sqrtm(A: Any) -> Any:
    """The principal square root of a square matrix, as in scipy.linalg."""
    return matrix_root(array_of(A))


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """x with a x + x b = q, as in scipy.linalg."""
    return sylvester(array_of(a), array_of(b), array_of(q))


# -- lengths and conditions ------------------------------------------------------------------------------------------
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """All of numpy's orders. The length of a zero vector has slope 0 by convention, |x| in order 1 too where x is 0."""
    x = array_of(x)
    ndim = len(shape_of(x))
    if axis is None and ord is None:
        return r.length(x, axis=None, keepdims=bool(keepdims)) if ndim else e.absolute(x)
    axes = r.axes_of(axis, ndim)
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    return _matrix_norm(x, ord, axes, bool(keepdims))


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    x, keepdims = array_of(x), bool(keepdims)
    if ord is None or ord == 2:
        return r.length(x, axis=axis, keepdims=keepdims) if shape_of(x) else e.absolute(x)
    if ord == 0:
        return np.add.reduce(np.not_equal(bare(x), 0) * 1.0, axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order '{ord}' for vectors")
    if math.isinf(ord):
        return (r.max if ord > 0 else r.min)(e.absolute(x), axis=axis, keepdims=keepdims)
    if ord == 1:
        return r.sum(e.absolute(x), axis=axis, keepdims=keepdims)
    if not shape_of(x):
        return e.absolute(x)
    return r.p_length(x, p=float(ord), axis=axis, keepdims=keepdims)


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord in (None, "fro", "f"):
        return r.length(x, axis=axes, keepdims=keepdims)
    shape = tuple(1 if k in axes else n for k, n in enumerate(shape_of(x)))
    x = moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, math.inf, -math.inf):
        sums = r.sum(e.absolute(x), axis=-2 if abs(ord) == 1 else -1)
        result = (r.max if ord > 0 else r.min)(sums, axis=-1)
    elif ord in (2, -2, "nuc"):
        s = singular_values(x)
        result = r.sum(s, axis=-1) if ord == "nuc" else linear.index(s, key=(..., 0 if ord == 2 else -1))
    else:
        raise ValueError("Invalid norm order for matrices.")
    return reshape(result, shape) if keepdims else result


def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    x = array_of(x)
    n = len(shape_of(x))
    return _matrix_norm(x, ord, (n - 2, n - 1), bool(keepdims))


def cond(x: Any, p: Any = None) -> Any:
    x = array_of(x)
    if p in (None, 2, -2):
        s = singular_values(x)
        large, small = linear.index(s, key=(..., 0)), linear.index(s, key=(..., -1))
        return large / small if p != -2 else small / large
    return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)


TABLE = {p.name: p for p in list(globals().values()) if isinstance(p, (Linear, TwoWay))}
