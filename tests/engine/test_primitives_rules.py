"""Every primitive with a rule: numpy's value, the central difference, reverse = forward transposed, second order by nesting."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import arrays, convolution, elementwise, linalg, reductions, special
from chainreel.engine import functions as F
from chainreel.engine.transforms import grad, jacobian, linearize, vjp

FAST = settings(max_examples=25, deadline=None)


def inner(a, b):
    return float(np.sum(np.asarray(a) * np.asarray(b)))


def flat(values):
    return [part for value in values for part in (flat(value) if isinstance(value, (list, tuple)) else [value])]


def outputs(function):
    return lambda *xs: tuple(flat([function(*xs)]))


def check(function, *xs, value=None, tolerance=1e-6, second=True):
    """All four demands for one function at one point."""
    rng = np.random.default_rng(3)
    xs = [float(x) if np.ndim(x) == 0 else np.asarray(x, float) for x in xs]
    f = outputs(function)
    plain = f(*xs) if value is None else flat([value])
    got, back = vjp(f, *xs)
    for mine, theirs in zip(got, plain, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-13)
        assert np.shape(mine) == np.shape(theirs)
        assert np.ndim(mine) or type(mine) is float
    directions = [rng.standard_normal(np.shape(x)) for x in xs]
    weights = [rng.standard_normal(np.shape(v)) for v in got]
    tangents = linearize(f, *xs)[1](*directions)
    slopes = back(tuple(weights))
    for slope, x in zip(slopes, xs, strict=True):
        assert np.shape(slope) == np.shape(x)
    one, other = sum(map(inner, weights, tangents)), sum(map(inner, slopes, directions))
    assert one == pytest.approx(other, rel=1e-9, abs=1e-10)  # <g, J t> = <Jᵀ g, t>

    def along(h):
        return f(*(x + h * d for x, d in zip(xs, directions, strict=True)))

    h = 1e-5
    for tangent, up, down in zip(tangents, along(h), along(-h), strict=True):
        np.testing.assert_allclose(tangent, (np.asarray(up) - np.asarray(down)) / (2 * h), rtol=tolerance, atol=tolerance)
    if not second or not xs:
        return

    def total(*points):
        return sum(np.sum(w * v) for w, v in zip(weights, f(*points), strict=True))

    everything = tuple(range(len(xs)))

    def slope_along(*points):
        return sum(np.sum(d * s) for d, s in zip(directions, grad(total, everything)(*points), strict=True))

    curved = sum(map(inner, grad(slope_along, everything)(*xs), directions))
    up, down = (
        sum(map(inner, grad(total, everything)(*(x + e * d for x, d in zip(xs, directions, strict=True))), directions))
        for e in (h, -h)
    )
    assert curved == pytest.approx((up - down) / (2 * h), rel=20 * tolerance, abs=20 * tolerance)


# -- element by element ----------------------------------------------------------------------------------------------
RANGES = {
    "arcsin": (-0.9, 0.9),
    "arccos": (-0.9, 0.9),
    "arctanh": (-0.9, 0.9),
    "arccosh": (1.1, 4.0),
    "log": (0.2, 4.0),
    "log2": (0.2, 4.0),
    "log10": (0.2, 4.0),
    "log1p": (-0.8, 4.0),
    "sqrt": (0.2, 4.0),
    "pow": (0.3, 3.0),
    "erfinv": (-0.9, 0.9),
    "erfcinv": (0.2, 1.8),
    "ndtri": (0.1, 0.9),
    "logit": (0.1, 0.9),
    "gamma": (0.3, 4.0),
    "loggamma": (0.3, 4.0),
    "digamma": (0.3, 4.0),
    "beta": (0.3, 3.0),
    "betaln": (0.3, 3.0),
    "xlogy": (0.2, 3.0),
    "rel_entr": (0.2, 3.0),
    "kl_div": (0.2, 3.0),
    "entr": (0.2, 3.0),
    "xlog1py": (-0.7, 3.0),
    "y0": (0.3, 4.0),
    "y1": (0.3, 4.0),
    "rgamma": (0.3, 4.0),
    "gammasgn": (0.3, 4.0),
    "cbrt": (0.2, 3.0),
    "reciprocal": (0.3, 3.0),
}
ORDERS = {
    "yv",
    "polygamma",
    "iv",
    "ive",
    "jv",
    "gammainc",
    "gammaincc",
    "sinc_slope",
    "betainc",
}  # their first operand is a constant
ALL = {**elementwise.TABLE, **special.TABLE}


@pytest.mark.parametrize("name", sorted(set(ALL) - ORDERS - {"where"}))
def test_elementwise(name):
    primitive = ALL[name]
    low, high = RANGES.get(name, (-2.3, 2.3))
    rng = np.random.default_rng(5)
    operands = len(primitive.partials)
    smooth = name not in ("floor", "ceil", "rint", "trunc", "floordiv", "sign", "heaviside", "angle", "nextafter", "gammasgn")
    for shapes in (
        [()] * operands,
        [(4,)] * operands,
        [(2, 3)] + [(3,)] * (operands - 1),
        [(0,)] * operands,
        [(3, 1)] + [()] * (operands - 1),
    ):
        xs = [rng.uniform(low, high, shape) + 0.0137 * k for k, shape in enumerate(shapes)]
        if name in ("mod", "fmod", "floordiv", "div"):
            xs[1] = np.abs(xs[1]) + 0.7
        check(primitive, *xs, second=smooth)


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_functions_with_an_order(name):
    primitive = ALL[name]
    first = (0.7, 1.3)[: len(primitive.partials) - 1] if name.startswith(("gammainc", "betainc")) else (2.0,)
    x = np.array([0.31, 0.57, 0.83])
    check(lambda x: primitive(*first, x), x, second=True)
    with pytest.raises(ValueError, match="constant"):
        grad(lambda order: primitive(order, *first[1:], 0.5))(first[0])


def test_polygamma_below_one_half_is_reflected():
    for order in range(4):
        x = np.array([-2.3, -0.4, 0.2, 0.49])
        check(lambda x, n=order: F.polygamma(n, x), x, tolerance=1e-5, second=order < 2)


def test_sinc_near_zero_to_any_order():
    for x in (0.0, 1e-9, 1e-4, 0.3, -0.49, 0.51):
        u = math.pi * x
        slope = -u / 3 + u**3 / 30 - u**5 / 840 if abs(x) < 1e-3 else (math.cos(u) - math.sin(u) / u) / u
        assert grad(np.sinc)(x) == pytest.approx(math.pi * slope, rel=1e-14)
    assert grad(grad(np.sinc))(0.0) == pytest.approx(-(math.pi**2) / 3, rel=1e-15)
    assert grad(grad(grad(grad(np.sinc))))(0.0) == pytest.approx(math.pi**4 / 5, rel=1e-15)


# -- linear maps, reductions, decompositions -------------------------------------------------------------------------
A = np.array([[2.0, 0.3, -0.4], [0.1, 1.7, 0.6], [-0.5, 0.2, 2.4]])
X = np.array([[1.3, -0.7, 0.2, 2.1], [0.4, 1.9, -1.1, 0.6], [-1.4, 0.8, 1.5, -0.3]])
V, W = np.array([0.7, -1.2, 0.4, 2.2]), np.array([0.3, 1.1, -0.6])
PD = A @ A.T + np.eye(3)

ONE = {
    "sum": lambda x: np.sum(x, axis=0),
    "sum where": lambda x: np.sum(x, where=X > 0, initial=2.0),
    "mean": lambda x: np.mean(x, (0, 1)),
    "mean keepdims": lambda x: x.mean(-1, keepdims=True),
    "var": lambda x: np.var(x, axis=1, ddof=1),
    "std": lambda x: x.std(0),
    "prod": lambda x: np.prod(x, axis=1),
    "prod all": np.prod,
    "prod keepdims": lambda x: np.prod(x, (0, 1), keepdims=True),
    "max": lambda x: np.max(x, axis=0),
    "min": lambda x: x.min(),
    "ptp": lambda x: np.ptp(x, 1),
    "median": lambda x: np.median(x, 0),
    "median even": lambda x: np.median(x, axis=1, keepdims=True),
    "quantile": lambda x: np.quantile(x, [0.1, 0.62], axis=1),
    "percentile": lambda x: np.percentile(x, 37.0),
    "cumsum": lambda x: np.cumsum(x, 1),
    "cumprod": lambda x: np.cumprod(x, 0),
    "cumsum all": np.cumsum,
    "average": lambda x: np.average(x, axis=0, weights=[1.0, 2.0, 4.0]),
    "trapezoid": lambda x: np.trapezoid(x, axis=0),
    "logsumexp": lambda x: F.logsumexp(x, axis=1),
    "softmax": lambda x: F.softmax(x, axis=0),
    "log_softmax": lambda x: F.log_softmax(x, axis=1),
    "norm": np.linalg.norm,
    "norm axis": lambda x: np.linalg.norm(x, axis=1),
    "norm 3": lambda x: np.linalg.norm(x, 3, axis=0),
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm 2": lambda x: np.linalg.norm(x, 2),
    "norm nuc": lambda x: np.linalg.norm(x, "nuc"),
    "cov": np.cov,
    "corrcoef": np.corrcoef,
    "einsum trace": lambda x: np.einsum("ij,ij->j", x, x),
    "einsum sum": lambda x: np.einsum("ij->", x),
    "einsum turn": lambda x: np.einsum("ij->ji", x),
    "flip": lambda x: np.flip(x, 1),
    "roll": lambda x: np.roll(x, 2, axis=1),
    "roll all": lambda x: np.roll(x, -3),
    "rot90": np.rot90,
    "repeat": lambda x: np.repeat(x, 2, axis=-1),
    "repeat counts": lambda x: np.repeat(x, [1, 0, 2], axis=0),
    "tile": lambda x: np.tile(x, (2, 1)),
    "pad": lambda x: np.pad(x, ((1, 2), (0, 3))),
    "pad edge": lambda x: np.pad(x, 2, mode="edge"),
    "pad reflect": lambda x: np.pad(x, 1, mode="reflect"),
    "pad wrap": lambda x: np.pad(x, ((0, 0), (2, 2)), mode="wrap"),
    "take": lambda x: np.take(x, [0, 2, 2], axis=1),
    "take flat": lambda x: x.take([1, 1, 7]),
    "diagonal": lambda x: np.diagonal(x, 1),
    "take_along": lambda x: np.take_along_axis(x, np.array([[0, 0], [3, 1], [2, 2]]), 1),
    "sort": lambda x: np.sort(x, axis=0),
    "sort all": lambda x: np.sort(x, axis=None),
    "partition": lambda x: np.partition(x, 2, axis=1),
    "diff": lambda x: np.diff(x, 2, axis=1),
    "gradient": np.gradient,
    "gradient uneven": lambda x: np.gradient(x, np.array([0.0, 0.4, 1.1, 1.2]), axis=1, edge_order=2),
    "tril": lambda x: np.tril(x, 1),
    "triu": lambda x: np.triu(x, -1),
    "index": lambda x: x[1:, ::2],
    "fancy": lambda x: x[[0, 2, 0], [1, 1, 1]],
    "mask": lambda x: x[X > 0.5],
    "mixed": lambda x: x[[2, 0, 0], 1:3],
    "newaxis": lambda x: x[:, None, 1],
    "split": lambda x: np.split(x, [1, 3], axis=1),
    "array_split": lambda x: np.array_split(x, 3, 1),
    "hsplit": lambda x: np.hsplit(x, 2),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "squeeze": lambda x: np.squeeze(x[:, :1]),
    "expand_dims": lambda x: np.expand_dims(x, (0, 3)),
    "atleast_3d": np.atleast_3d,
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "reshape F": lambda x: x.reshape(2, 6, order="F"),
    "ravel": np.ravel,
    "delete": lambda x: np.delete(x, [1], axis=1),
    "resize": lambda x: np.resize(x, (4, 5)),
    "insert": lambda x: np.insert(x, 1, 7.0, axis=1),
    "clip": lambda x: np.clip(x, -0.9, 1.0),
    "nan_to_num": np.nan_to_num,
    "round": lambda x: np.round(1.37 * x, 1),
    "unwrap": np.unwrap,
    "unstack": lambda x: np.unstack(x),
    "apply_along_axis": lambda x: np.apply_along_axis(np.sum, 0, x),
    "svdvals": np.linalg.svdvals,
    "svd": lambda x: (lambda u, s, vt: (np.abs(u), s, np.abs(vt)))(*np.linalg.svd(x, full_matrices=False)),
    "pinv": np.linalg.pinv,
    "qr": lambda x: tuple(np.linalg.qr(x)),
    "qr tall": lambda x: tuple(np.linalg.qr(x.T)),
    "fftshift": np.fft.fftshift,
    "select": lambda x: np.select([X > 1, X > 0], [x * x, -x], 3.0 * x),
    "piecewise": lambda x: np.piecewise(x, [X > 0], [lambda t: t**2, lambda t: -t]),
    "where": lambda x: np.where(X > 0, x, 0.0),
    "windows": lambda x: F.avg_pool2d(x[None, None], 2, 1),
    "max_pool": lambda x: F.max_pool2d(x[None], 2, 1),
}


@pytest.mark.parametrize("name", sorted(ONE))
def test_of_one_array(name):
    check(ONE[name], X, value=_numpy_value(name))


def _numpy_value(name):
    result = ONE[name](X)
    return [np.asarray(part) if np.ndim(part) else float(part) for part in flat([result])]


SQUARE = {
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "slogdet": lambda a: np.linalg.slogdet(a)[1],
    "expm": F.expm,
    "sqrtm": lambda a: linalg.sqrtm(a[0] if a.ndim > 2 else a),
    "sylvester": lambda a: linalg.solve_sylvester((a[0] if a.ndim > 2 else a), A.T + 1.0, X[:, :3]),
    "matrix_power": lambda a: np.linalg.matrix_power(a, 5),
    "matrix_power -2": lambda a: np.linalg.matrix_power(a, -2),
    "cholesky": lambda a: np.linalg.cholesky(a @ np.swapaxes(a, -1, -2)),
    "cholesky itself": lambda a: np.linalg.cholesky(a + 5.0 * np.eye(3)),
    "cholesky upper": lambda a: np.linalg.cholesky(a + 5.0 * np.eye(3), upper=True),
    "eigvalsh": np.linalg.eigvalsh,
    "eigvalsh U": lambda a: np.linalg.eigvalsh(a, "U"),
    "eigh": lambda a: (lambda w, v: (w, v * v))(*np.linalg.eigh(a)),
    "eigh U": lambda a: (lambda w, v: (w, v * v))(*np.linalg.eigh(a, "U")),
    "trace": lambda a: np.trace(a, axis1=-2, axis2=-1),
    "cond": lambda a: np.linalg.cond(a),
    "multi_dot": lambda a: np.linalg.multi_dot([a[..., 0, :, :] if a.ndim > 2 else a, A, W]),
    "einsum diagonal": lambda a: np.einsum("...ii->...i", a),
    "einsum trace": lambda a: np.einsum("...ii", a),
    "tensorinv": lambda a: np.linalg.tensorinv(a, 1) if a.ndim == 2 else a,
    "solve vector": lambda a: np.linalg.solve(a, W),
    "solve": lambda a: np.linalg.solve(a, X),
    "matrix_norm": lambda a: np.linalg.matrix_norm(a, ord=-2),
    "mT": lambda a: np.matrix_transpose(a),
}


@pytest.mark.parametrize("name", sorted(SQUARE))
@pytest.mark.parametrize("batch", [False, True])
def test_of_one_square_matrix(name, batch):
    a = np.stack([A, A.T @ A - np.eye(3) * 0.3]) if batch else A
    check(SQUARE[name], a, tolerance=1e-5)


TWO = {
    "matmul": (np.matmul, A, X),
    "dot": (np.dot, A, X),
    "dot nd": (np.dot, X, np.stack([X.T, X.T + 1])),
    "dot vectors": (np.dot, V, V + 1),
    "vdot": (np.vdot, X, X + 1),
    "inner": (np.inner, X, V),
    "inner nd": (np.inner, X, X[:2] + 1),
    "outer of matrices": (np.outer, A, X),
    "tensordot": (lambda a, b: np.tensordot(a, b, ([1], [0])), A, X),
    "tensordot 0": (lambda a, b: np.tensordot(a, b, 0), W, V),
    "kron": (np.kron, A, X),
    "kron vector": (np.kron, V, A),
    "cross": (np.cross, A, A[::-1] + 0.3),
    "cross 2": (np.cross, A, W),
    "einsum": (lambda a, b: np.einsum("ij,jk->ik", a, b), A, X),
    "einsum implicit": (lambda a, b: np.einsum("ij,jk", a, b), A, X),
    "einsum dots": (lambda a, b: np.einsum("...j,j", a, b), X, V),
    "einsum stretch": (lambda a, b: np.einsum("ij,ij->i", a, b), X, X[:1] + 1),
    "einsum repeated": (lambda a, b: np.einsum("ii,ij->j", a, b), A, X),
    "einsum lists": (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), A, X),
    "solve": (np.linalg.solve, A, X),
    "solve stacked": (np.linalg.solve, np.stack([A, A.T]), X),
    "lstsq": (lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], X.T, V),
    "vecdot": (np.vecdot, X, V),
    "convolve": (np.convolve, V, W),
    "convolve same": (lambda a, b: np.convolve(a, b, "same"), W, V),
    "convolve valid": (lambda a, b: np.convolve(a, b, "valid"), V, W),
    "correlate": (np.correlate, V, W),
    "correlate same": (lambda a, b: np.correlate(a, b, "same"), V, W),
    "correlate swapped": (lambda a, b: np.correlate(a, b, "same"), W, V),
    "correlate full": (lambda a, b: np.correlate(a, b, "full"), W, V),
    "concatenate": (lambda a, b: np.concatenate([a, b], 1), A, X),
    "stack": (lambda a, b: np.stack([a, b], -1), X, X + 1),
    "hstack": (lambda a, b: np.hstack([a, b]), V, W),
    "vstack": (lambda a, b: np.vstack((a, b)), X, V),
    "dstack": (lambda a, b: np.dstack((a, b)), X, X + 1),
    "column_stack": (lambda a, b: np.column_stack((a, b)), X, W),
    "append": (np.append, X, W),
    "block": (lambda a, b: np.block([[a, b], [b, a]]), X, X + 1),
    "meshgrid": (lambda a, b: np.meshgrid(a, b), V, W),
    "polyval": (np.polyval, W, V),
    "interp": (lambda x, f: np.interp(x, [0.0, 0.5, 1.0, 3.0], f), W, V),
    "interp knots": (lambda x, xp: np.interp(x, np.cumsum(np.exp(xp)), [1.0, 3.0, 2.0]), np.array([0.2, 1.9, 2.7]), W * 0.1),
    "diff prepend": (lambda a, b: np.diff(a, prepend=b), V, 0.3),
    "trapezoid x": (lambda y, x: np.trapezoid(y, x), V, np.array([0.0, 1.0, 1.5, 4.0])),
    "where": (lambda a, b: np.where(X > 0, a, b), X, V),
    "arctan2": (np.arctan2, X, V),
    "average weights": (lambda a, w: np.average(a, weights=w, axis=0), X, np.array([1.0, 2.0, 0.5])),
    "quantile level": (lambda a, q: np.quantile(a, q), V, 0.37),
    "full_like": (lambda a, b: a * np.full_like(a, b), V, 0.4),
    "conv2d": (
        lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=1, dilation=(1, 2)),
        np.arange(50.0).reshape(1, 2, 5, 5) / 9,
        np.cos(np.arange(36.0)).reshape(2, 2, 3, 3),
    ),
    "conv1d": (
        lambda x, w: F.conv1d(x, w, groups=2),
        np.arange(14.0).reshape(1, 2, 7) / 5,
        np.cos(np.arange(8.0)).reshape(4, 1, 2),
    ),
    "conv3d": (F.conv3d, np.sin(np.arange(27.0)).reshape(1, 1, 3, 3, 3), np.cos(np.arange(8.0)).reshape(1, 1, 2, 2, 2)),
    "scatter_add": (lambda x, v: F.scatter_add(x, [0, 2, 2], v), V, W),
    "sylvester": (lambda b, q: linalg.solve_sylvester(A, b, q), A.T + 0.5, X[:, :3]),
    "linspace": (lambda a, b: np.linspace(a, b, 5), V, 3.0),
    "logsumexp b": (lambda a, b: F.logsumexp(a, axis=1, b=b), X, X**2 + 0.5),
    "polyfit": (lambda x, y: np.polyfit(x, y, 2), V, np.sin(V)),
    "tensorsolve": (lambda a, b: np.linalg.tensorsolve(a.reshape(3, 1, 3), b), A, W.reshape(3, 1)),
    "choose": (lambda a, b: np.choose(np.array([0, 1, 1, 0]), [a, b]), V, V + 1),
}


@pytest.mark.parametrize("name", sorted(TWO))
def test_of_two_arrays(name):
    function, a, b = TWO[name]
    check(function, a, b, tolerance=1e-5)


def test_no_primitive_is_left_out():
    """Each primitive of the tables is somewhere above (the elementwise ones are all there by construction)."""
    from chainreel.engine.recording import Recording

    seen = set()
    cases = [(f, (X,)) for f in ONE.values()] + [(f, (A,)) for f in SQUARE.values()] + [(f, xs) for f, *xs in TWO.values()]
    for function, xs in cases:
        run = Recording(outputs(function), tuple(xs), {}, range(len(xs)))
        seen |= {record[0].name for record in run.tape.records}
    named = {name for module in (arrays, reductions, linalg, convolution) for name in module.TABLE}
    assert named - seen <= {"add_back", "gather"} | seen, named - seen


# -- shapes and zeros by chance --------------------------------------------------------------------------------------
SIDES = st.integers(1, 4)
NUMBERS = st.sampled_from([0.0, 0.0, 1.5, -2.0, 0.7, -0.3])


@FAST
@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_products_with_zeros(numbers):
    x = np.array(numbers)
    want = [math.prod(numbers[:k] + numbers[k + 1 :]) for k in range(len(numbers))]
    np.testing.assert_allclose(grad(np.prod)(x), want, atol=1e-15)
    hessian = jacobian(grad(np.prod))(x)
    for i in range(len(x)):
        for j in range(len(x)):
            rest = math.prod(v for k, v in enumerate(numbers) if k not in (i, j)) if i != j else 0.0
            assert hessian[i, j] == pytest.approx(rest, abs=1e-14)
    check(np.cumprod, x)


@FAST
@given(SIDES, SIDES, SIDES, st.sampled_from([None, 0, 1, -1, (0, 2), (1,)]), st.booleans())
def test_reductions_along_any_axes(n, m, k, axis, keepdims):
    x = np.random.default_rng(n + 5 * m + 25 * k).permutation(n * m * k).reshape(n, m, k) * 0.13 - 1.2  # no near ties
    for function in (np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min, np.linalg.vector_norm, np.median):
        check(
            lambda x, f=function: f(x, axis=axis, keepdims=keepdims),
            x,
            value=function(x, axis=axis, keepdims=keepdims),
            second=False,
        )


@FAST
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
def test_singular_matrices_have_a_determinant_slope(n, rank, seed):
    rng = np.random.default_rng(seed)
    rank = min(rank, n)
    a = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, n))
    check(np.linalg.det, a, tolerance=1e-5)


def test_batched_forward_equals_row_by_row():
    """``many=`` is for speed only."""
    rng = np.random.default_rng(0)
    cases = [(name, f, X) for name, f in ONE.items()] + [(name, f, A) for name, f in SQUARE.items()]
    for name, function, x in cases:
        f = outputs(function)
        values, push = linearize(f, x)
        if len(values) > 1 or name in ("svd", "eigh", "eigh U"):
            continue
        whole = jacobian(lambda x, f=f: f(x)[0], mode="forward")(x)
        direction = rng.standard_normal(x.shape)
        np.testing.assert_allclose(
            np.tensordot(whole, direction, x.ndim), push(direction)[0], rtol=1e-10, atol=1e-11, err_msg=name
        )


def test_numbers_are_always_floats():
    for function in (
        np.sum,
        np.prod,
        np.max,
        np.linalg.norm,
        np.median,
        np.std,
        np.ptp,
        lambda x: np.einsum("i->", x),
        F.logsumexp,
    ):
        value, slope = linearize(function, np.array([1.0, 2.0]))[0], grad(function)(np.array([1.0, 2.0]))
        assert type(value) is float and slope.shape == (2,)
        assert type(grad(lambda x, f=function: f(np.stack([x, 2 * x])))(1.5)) is float


def test_every_rule_has_the_signature_of_numpy():
    """A call that numpy accepts is never refused for the name of an argument (where numpy tells its signature)."""
    from chainreel.engine import numpy_rules

    optional = set("out dtype like subok order copy kind stable casting device overwrite_input interpolation signature".split())
    optional |= {"weights", "rcond", "extobj"}
    for function, rule in numpy_rules.NUMPY.items():
        try:
            theirs, ours = inspect.signature(function).parameters, inspect.signature(rule).parameters
        except (TypeError, ValueError):
            continue
        if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in ours.values()):
            continue
        missing = [n for n, p in theirs.items() if n not in ours and p.default is not p.empty and n not in optional]
        assert not missing, (function.__name__, missing)
