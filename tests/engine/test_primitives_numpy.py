"""numpy, math and scipy as a user writes them: methods, refusals that help, declared conventions, the second opinion."""

import math

import numpy as np
import pytest
import scipy.special

from chainreel.engine import EngineError, Function
from chainreel.engine import functions as F
from chainreel.engine.audit import TraceAudit
from chainreel.engine.transforms import grad, jacobian, value_and_grad

X = np.array([[1.3, -0.7, 0.2], [0.4, 1.9, -1.1]])

METHODS = {
    "sum": lambda x: x.sum(axis=0),
    "mean": lambda x: x.mean(),
    "var": lambda x: x.var(ddof=1),
    "std": lambda x: x.std(axis=1),
    "prod": lambda x: x.prod(axis=-1),
    "max": lambda x: x.max(),
    "min": lambda x: x.min(axis=0),
    "cumsum": lambda x: x.cumsum(),
    "cumprod": lambda x: x.cumprod(axis=1),
    "dot": lambda x: x.dot(np.ones(3)),
    "trace": lambda x: x.trace(),
    "diagonal": lambda x: x.diagonal(),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "squeeze": lambda x: x[:, :1].squeeze(),
    "take": lambda x: x.take([0, 2], axis=1),
    "compress": lambda x: x.compress([True, False, True], axis=1),
    "repeat": lambda x: x.repeat(2, axis=0),
    "clip": lambda x: x.clip(-1.0, 1.0),
    "copy": lambda x: x.copy(),
    "round": lambda x: x.round(),
    "reshape": lambda x: x.reshape(3, 2),
    "reshape tuple": lambda x: x.reshape((3, -1)),
    "transpose": lambda x: x.transpose(1, 0),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "flat": lambda x: x.flat[2:4],
    "astype": lambda x: x.astype(float),
    "conj": lambda x: x.conj(),
    "item": lambda x: x.item(3) * 1.0,
    "real": lambda x: x.real,
    "imag": lambda x: x.imag,
    "tolist": lambda x: np.array(x.tolist()),
}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_of_an_array(name):
    method = METHODS[name]
    want = np.asarray(method(X))
    got, slope = value_and_grad(lambda x: np.sum(method(x) * np.arange(1.0, want.size + 1).reshape(want.shape)))(X)
    assert got == pytest.approx(float(np.sum(want * np.arange(1.0, want.size + 1).reshape(want.shape))), rel=1e-14)
    assert slope.shape == X.shape


def test_methods_that_look_at_values_only():
    def f(x):
        assert x.argmax() == 4 and x.argmin(axis=1).tolist() == [1, 2] and x.any() and x.all()
        assert x.argsort().shape == (2, 3) and np.argmax(x) == 4 and np.count_nonzero(x > 0) == 4
        assert np.searchsorted(np.array([0.0, 1.0]), x[0]).tolist() == [2, 0, 1]
        return x.ravel()[x.argmax()]

    np.testing.assert_array_equal(grad(f)(X), [[0, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("method", ["sort", "fill", "put", "partition", "resize"])
def test_methods_that_write_are_refused(method):
    with pytest.raises(EngineError, match="in place"):
        grad(lambda x: getattr(x * 1.0, method)(0) or x.sum())(X)


# -- refusals --------------------------------------------------------------------------------------------------------
REFUSED = [
    (lambda x: np.fft.fft(x).real.sum(), "np.fft.fft has no derivative rule"),
    (lambda x: np.unique(x).sum(), "np.unique has no derivative rule"),
    (lambda x: np.spacing(x).sum(), "np.spacing has no derivative rule"),
    (lambda x: np.linalg.eigvals(x[:, :2]).sum(), "use np.linalg.eigvalsh"),
    (lambda x: np.cov(x, dtype=np.float32).sum(), "float64"),
    (lambda x: np.sum(x, dtype=np.float32), "float64"),
    (lambda x: np.add(x, 1.0, where=X > 0).sum(), "where="),
    (lambda x: np.pad(x, 1, mode="linear_ramp").sum(), "constant, edge, reflect, symmetric and wrap"),
    (lambda x: np.quantile(x, 0.3, method="inverted_cdf"), "method='linear'"),
    (lambda x: np.linalg.svd(x)[0].sum(), "full_matrices=False"),
    (lambda x: np.linalg.qr(x.T, mode="complete")[0].sum(), "mode='reduced'"),
    (lambda x: np.take(x, x[0]).sum(), "whole numbers"),
    (lambda x: np.stack([x[0], x[0, :2]]).sum(), "shape"),
    (lambda x: np.sum([x[0], x[0, 0]]), "different shapes"),
    (lambda x: np.minimum.accumulate(x).sum(), "np.minimum.accumulate has no derivative rule"),
    (lambda x: F.conv2d(x, x).sum(), r"\(N, C, H, W\)"),
    (lambda x: F.max_pool2d(x, 5).sum(), "does not fit"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_is_missing_is_refused_in_a_sentence(number):
    function, message = REFUSED[number]
    with pytest.raises(ValueError, match=message):
        grad(function)(X)


def test_a_refusal_names_the_nearest_spelling():
    with pytest.raises(EngineError, match=r"np\.fill_diagonal has no .* here; the nearest with one is np\.diagonal"):
        grad(lambda x: np.fill_diagonal(x * 1.0, 0.0))(X)


def test_vectors_of_eigenvalues_that_coincide_are_refused_and_the_values_are_not():
    twice = np.eye(3)
    with pytest.raises(EngineError, match="coincide"):
        grad(lambda a: np.linalg.eigh(a)[1][0, 0])(twice)
    np.testing.assert_allclose(grad(lambda a: np.linalg.eigvalsh(a).sum())(twice), np.eye(3), atol=1e-15)


def test_random_numbers_are_constants():
    def f(x):
        noise = np.random.default_rng(0).standard_normal(3)
        return np.sum(noise * x) + np.random.RandomState(1).rand() * x[0]

    x = np.ones(3)
    want = np.random.default_rng(0).standard_normal(3) + [np.random.RandomState(1).rand(), 0, 0]
    np.testing.assert_allclose(grad(f)(x), want, rtol=1e-15)


# -- conventions -----------------------------------------------------------------------------------------------------
CONVENTIONS = [
    (lambda x: np.max(x), [1.0, 3.0, 3.0], [0, 0.5, 0.5], "tied"),
    (lambda x: np.sort(x)[0], [2.0, 1.0, 1.0], [0, 1, 0], "keeps their order"),
    (lambda x: np.linalg.norm(x), [0.0, 0.0], [0, 0], "zero vector"),
    (lambda x: np.std(x), [2.0, 2.0], [0, 0], "zero vector"),
    (lambda x: np.floor(x).sum() + x.sum(), [2.0, 0.5], [1, 1], "jumps"),
    (lambda x: np.rint(x).sum() + x.sum(), [2.5, 0.1], [1, 1], "jumps"),
    (lambda x: np.mod(x, 2.0).sum(), [4.0, 0.5], [1, 1], "jumps"),
    (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [0, 0], "both operands are 0"),
    (lambda x: np.arctan2(x[0], x[1]), [0.0, 0.0], [0, 0], "both operands are 0"),
    (lambda x: np.fmax(x[0], x[1]), [1.0, 1.0], [0.5, 0.5], "one half"),
    (lambda x: np.heaviside(x, 0.5).sum() + x[0], [0.0, 1.0], [1, 0], "at 0"),
    (lambda x: np.linalg.eigvalsh(np.diag(x))[0], [2.0, 2.0], None, "coincide"),
]


@pytest.mark.parametrize("number", range(len(CONVENTIONS)))
def test_every_convention_is_declared(number):
    function, at, slope, sentence = CONVENTIONS[number]
    trace = Function.of(function).trace({"x": at})
    assert any(sentence in line for line in trace.conventions), trace.conventions
    if slope is not None:
        np.testing.assert_allclose(trace.gradient["x"], slope)


def test_smooth_points_declare_nothing():
    def middle(x):
        return np.sort(x)[1] + np.max(x) + np.linalg.norm(x) + np.std(x) + np.floor(x).sum()

    assert not Function.of(middle).trace({"x": [1.2, 2.7]}).conventions


# -- math and scipy --------------------------------------------------------------------------------------------------
def test_functions_of_math():
    def f(x):
        return (
            math.cbrt(x)
            + math.exp2(x)
            + math.erf(x)
            + math.erfc(x) * 2
            + math.gamma(x)
            + math.lgamma(x)
            + math.atan2(x, 2.0)
            + math.fmod(x, 0.4)
            + math.copysign(x, -1.0)
            + math.degrees(x)
            + math.radians(x)
            + math.hypot(x, 1.0, 2.0)
            + math.floor(x)
            + math.ceil(x)
            + math.trunc(x)
            + math.ldexp(x, 3)
            + math.modf(x)[0]
            + math.remainder(x, 0.7)
            + math.dist([x, 1.0], [0.0, x])
            + math.fsum([x, x * x])
            + math.prod([x, x, 2.0])
            + math.log(x, 3.0)
        )

    for x in (0.93, 1.71):
        value, slope = value_and_grad(f)(x)
        assert value == pytest.approx(f(x), rel=1e-14)
        assert slope == pytest.approx((f(x + 1e-6) - f(x - 1e-6)) / 2e-6, rel=1e-8)


def test_functions_of_scipy_special():
    def f(x):
        s = scipy.special
        return (
            s.erf(x)
            + s.expit(x)
            + s.logit(x)
            + s.gammaln(x)
            + s.psi(x)
            + s.polygamma(1, x)
            + s.xlogy(x, x)
            + s.log_ndtr(x)
            + s.i0(x)
            + s.logsumexp(np.stack([x, 2 * x]))
            + s.softmax(np.stack([x, x * x]))[0]
            + s.log_softmax(np.stack([x, x * x]))[1]
            + s.gammainc(2.0, x)
            + s.beta(x, 2.0)
            + s.multigammaln(x + 3.0, 2)
        )

    value, slope = value_and_grad(f)(0.43)
    assert value == pytest.approx(float(f(0.43)), rel=1e-13)
    assert slope == pytest.approx(float(f(0.43 + 1e-6) - f(0.43 - 1e-6)) / 2e-6, rel=1e-7)


def test_functions_work_on_plain_arrays():
    assert F.relu(-1.0) == 0.0 and F.sigmoid(0.0) == 0.5 and F.softmax([1.0, 1.0]).tolist() == [0.5, 0.5]
    assert F.logsumexp([0.0, 0.0]) == pytest.approx(math.log(2.0)) and F.erf([0.0]).tolist() == [0.0]
    assert F.softmax(1.7) == 1.0 and F.log_softmax(1.7) == 0.0
    np.testing.assert_allclose(F.logsumexp(np.array([-np.inf, 1.0])), 1.0)
    assert F.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert F.logsumexp(np.array([0.0, -50.0])) == math.exp(-50.0)  # the others' digits are kept


def test_whole_number_and_list_arguments_are_promoted():
    np.testing.assert_array_equal(grad(lambda x: np.dot(np.array([1, 2, 3]), x))(np.array([1, 1, 1])), [1, 2, 3])
    np.testing.assert_array_equal(grad(lambda x: np.max([x[0], x[1], 0.5]))(np.array([1.0, 2.0])), [0, 1])
    np.testing.assert_array_equal(
        jacobian(lambda x: np.array([[x[0], 1.0], [x[1], x[0] * x[1]]]))(np.array([2.0, 3.0]))[1, 1], [3, 2]
    )


# -- the second opinion ----------------------------------------------------------------------------------------------
AUDITED = [
    "lambda x: np.linalg.norm(x) + np.max(x) + np.sort(x.ravel())[1] + np.prod(x) + np.cumprod(x)[3]",
    "lambda x: np.std(x) + F.softmax(x, axis=0)[0, 1] + F.logsumexp(x) + F.log_softmax(x, axis=1)[0, 0]",
    "lambda x: np.einsum('ij,kj->ik', x, x)[0, 1] + np.tile(np.roll(x, 1), 2)[0, 4] + np.pad(x, 1, mode='edge')[0, 0]**2",
    "lambda x: np.linalg.det(x @ x.T) + np.linalg.inv(x @ x.T)[0, 1] + np.linalg.slogdet(x @ x.T)[1]",
    "lambda x: np.linalg.cholesky(x @ x.T)[1, 0] + np.linalg.eigvalsh(x @ x.T)[0] + np.linalg.eigh(x @ x.T)[1][0, 1]",
    "lambda x: np.linalg.svd(x, full_matrices=False)[0][0, 1] + np.linalg.svdvals(x)[1] + np.linalg.qr(x.T)[1][0, 1]",
    "lambda x: np.sum(np.floor(x) * x + np.mod(x, 0.3) + np.fmax(x, 0.1) * np.copysign(x, -1.0) + np.heaviside(x, 1.0) * x)",
    "lambda x: F.conv2d(x[None, None], np.ones((1, 1, 2, 2)) * x[0, 0]).sum() + F.max_pool2d(x, 2)[0, 0]",
    "lambda x: np.convolve(x[0], x[1])[2] + np.gradient(x[0])[1] + np.diff(x)[1, 1] ** 2",
    "lambda x: np.sum(F.erf(x) + np.sinc(x) + np.arctan2(x, 2.0) + np.hypot(x, 1.0) + F.loggamma(x * x + 1))",
    "lambda x: np.sum(np.cbrt(x) + np.logaddexp(x, 1.0) + F.digamma(x * x) + F.ndtr(x) + np.i0(x) + np.deg2rad(x))",
    "lambda x: np.median(x) + np.quantile(x, 0.3) + np.interp(x[0, 0], [0.0, 1.0, 2.0], x[1]) + F.expm(x @ x.T * 0.1)[0, 1]",
]


@pytest.mark.parametrize("text", AUDITED)
def test_new_primitives_have_a_second_opinion(text):
    function = eval(text, {"np": np, "F": F})  # noqa: S307
    trace = Function.of(function).trace({"x": X})
    audit = TraceAudit(trace)
    for element in [(0, 0), (0, 2), (1, 1)]:
        key = f"adjoint/0[{element[0]},{element[1]}]"
        assert audit(key).agrees(trace.lookup(key)), (key, audit(key), trace.lookup(key))
    for step in trace.steps:
        if not np.shape(step.value):
            check = audit(f"value/{step.index}")
            assert check.agrees(step.value), (step, check)


def test_scalar_functions_are_audited_by_symbols():
    trace = Function.of(lambda x: np.arctan2(x, 2.0) + math.erf(x) + math.gamma(x) + np.exp2(x) + math.lgamma(x)).trace(
        {"x": 1.3}
    )
    check = TraceAudit(trace)("adjoint/0")
    assert check.how == "sympy 30 digits" and check.agrees(trace.gradient["x"])
