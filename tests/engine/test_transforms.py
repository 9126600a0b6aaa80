"""The modes agree with each other and with formulas, nest to any order, and take parameters in any structure."""

import collections
import functools
import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainreel.engine import EngineError, grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp
from chainreel.engine.trees import alike, flatten, map_tree, paths, unflatten

NUMBERS = st.floats(-2, 2).filter(lambda v: abs(v) > 1e-3)


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def test_jacobian_in_both_directions_and_for_every_shape():
    def f(x):
        return np.stack([x[0] * x[1], np.sin(x[0]), x[1] ** 2])

    x = np.array([0.5, 2.0])
    right = np.array([[2.0, 0.5], [math.cos(0.5), 0.0], [0.0, 4.0]])
    for mode in ("auto", "forward", "reverse"):
        np.testing.assert_allclose(jacobian(f, mode=mode)(x), right, rtol=1e-15)
    assert jacobian(lambda x: x**3)(2.0) == 12.0
    np.testing.assert_array_equal(jacobian(lambda t: np.stack([t, t * t]))(3.0), [1.0, 6.0])
    for mode in ("forward", "reverse"):
        matrix = jacobian(lambda m: m @ m, mode=mode)(np.array([[1.0, 2.0], [3.0, 4.0]]))
        assert matrix.shape == (2, 2, 2, 2)
        assert matrix[0, 1, 0, 1] == 1.0 + 4.0
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(2))(x), np.zeros((2, 2)))


@given(st.lists(NUMBERS, min_size=2, max_size=5))
def test_hessian_hvp_and_nested_gradients_agree(values):
    x = np.array(values)
    v = np.cos(np.arange(x.size))
    matrix = hessian(rosenbrock)(x)
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(hvp(rosenbrock)(x, v), matrix @ v, rtol=1e-9, atol=1e-9)
    by_rows = jacobian(grad(rosenbrock), mode="reverse")(x)
    np.testing.assert_allclose(by_rows, matrix, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(grad(lambda x: grad(rosenbrock)(x) @ v)(x), matrix @ v, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(jvp(grad(rosenbrock), (x,), (v,))[1], matrix @ v, rtol=1e-9, atol=1e-9)


def test_derivatives_of_any_order():
    f = math.sin
    nested = lambda x: f(x)  # noqa: E731
    for order in range(1, 7):
        nested = grad(nested)
        assert nested(0.4) == pytest.approx(math.sin(0.4 + order * math.pi / 2), rel=1e-13)
    third = jacobian(hessian(lambda x: x[0] ** 2 * x[1] ** 3))(np.array([2.0, 3.0]))
    assert third[0, 0, 1] == 2 * 27.0 and third[1, 1, 1] == 4 * 6.0 and third.shape == (2, 2, 2)
    np.testing.assert_allclose(grad(lambda x: hessian(rosenbrock)(x)[0, 0])(np.array([1.0, 2.0])), [2400.0, -400.0])


def test_an_inner_derivative_is_not_confused_with_an_outer_one():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(5.0) == 1.0
    assert jvp(lambda x: jvp(lambda y: x * y * y, (3.0,), (1.0,))[1], (2.0,), (1.0,))[1] == 6.0
    assert grad(lambda x: jvp(lambda y: y * x * x, (1.0,), (x,))[1])(2.0) == 12.0
    assert grad(lambda x: vjp(lambda y: y * y * x, x)[1](1.0)[0])(3.0) == 12.0


def test_an_inner_derivative_that_depends_on_nothing_is_a_plain_number():
    kinds = []

    def f(x):
        slope = grad(lambda y: y**2)(3.0)
        kinds.append(type(slope))
        return float(slope) * x

    assert grad(f)(2.0) == 6.0 and kinds == [float]


def test_linear_maps_can_be_used_again_and_again():
    value, push = linearize(lambda x, y: {"p": x * y, "q": [np.sin(x)]}, np.array([1.0, 2.0]), 3.0)
    np.testing.assert_array_equal(value["p"], [3.0, 6.0])
    one = push(np.array([1.0, 0.0]), 0.0)
    two = push(np.array([0.0, 0.0]), 1.0)
    np.testing.assert_array_equal(one["p"], [3.0, 0.0])
    np.testing.assert_array_equal(two["p"], [1.0, 2.0])
    assert one["q"][0][0] == math.cos(1.0)
    value, back = vjp(lambda x, y: (x * y, x.sum()), np.array([1.0, 2.0]), 3.0)
    dx, dy = back((np.array([1.0, 1.0]), 10.0))
    np.testing.assert_array_equal(dx, [13.0, 13.0])
    assert dy == 3.0


def test_later_changes_to_arrays_do_not_reach_a_linear_map():
    weights, x = np.array([2.0, 3.0]), np.array([1.0, 1.0])
    value, back = vjp(lambda x: np.tanh(weights * x), x)
    _, push = linearize(lambda x: weights * x * x, x)
    expected = back(np.ones(2))[0].copy()
    weights[:] = 100.0
    x[:] = 5.0
    value[:] = 0.0
    np.testing.assert_array_equal(back(np.ones(2))[0], expected)
    np.testing.assert_array_equal(push(np.ones(2)), [4.0, 6.0])


def test_gradients_are_arrays_of_the_caller_s_own():
    x, y = np.ones(3), np.ones(3)
    a, b = grad(lambda x, y: (x + y).sum(), (0, 1))(x, y)
    a[0] = 7.0
    assert b[0] == 1.0 and x[0] == 1.0
    x[0] = 2.0  # still writeable
    c = grad(lambda x: x.sum())(x)
    c += 1.0


Point = collections.namedtuple("Point", "x y")


def test_parameters_in_any_structure():
    parameters = {"layers": [{"W": np.eye(2), "b": 1.0}, {"W": np.ones((2, 2)), "b": 2.0}], "at": Point(3.0, 4.0)}

    def loss(p):
        total = p["at"].x * p["at"].y
        for layer in p["layers"]:
            total = total + layer["W"].sum() * layer["b"]
        return total

    value, slopes = value_and_grad(loss)(parameters)
    assert value == 12.0 + 2.0 + 8.0
    assert slopes["at"] == Point(4.0, 3.0) and isinstance(slopes["at"], Point)
    assert slopes["layers"][1]["b"] == 4.0
    np.testing.assert_array_equal(slopes["layers"][1]["W"], np.full((2, 2), 2.0))
    stepped = map_tree(lambda p, g: p - 0.1 * g, parameters, slopes)
    assert stepped["at"].x == pytest.approx(2.6)
    assert paths(parameters)[0] == "['layers'][0]['W']"


@given(st.recursive(st.floats(-1, 1), lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=2), t, max_size=3)))
def test_trees_come_back_as_they_were(tree):
    leaves, structure = flatten(tree)
    assert unflatten(structure, leaves) == tree
    assert alike(structure, flatten(tree)[1]) and len(paths(tree)) == len(leaves)


def test_arguments_by_position_and_by_name():
    def f(x, y=2.0, *, scale=1.0):
        return scale * x * y**2

    assert grad(f, "x")(3.0) == 4.0
    assert grad(f, "y")(3.0, 2.0) == 12.0
    assert grad(f, "y")(3.0, y=2.0) == 12.0
    assert grad(f, "scale")(3.0, scale=2.0) == 12.0
    assert grad(f, (0, "scale"))(3.0, scale=2.0) == (8.0, 12.0)
    assert grad(f, -1)(3.0, 5.0) == 30.0
    assert grad(functools.partial(f, y=3.0))(1.0) == 9.0


class Model:
    rate = 3.0

    def __call__(self, x):
        return math.exp(self.rate * x)


def test_objects_that_can_be_called():
    assert grad(Model())(0.0) == 3.0
    assert grad(Model().__call__)(0.0) == 3.0


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: grad(lambda x: x)(np.ones(2)), "sum\\(\\) or mean\\(\\), or take jacobian"),
        (lambda: grad(lambda x: (x, x))(1.0), "several values"),
        (lambda: grad(lambda x: None)(1.0), "return missing"),
        (lambda: grad(lambda x: "a")(1.0), "returns a str"),
        (lambda: grad(lambda x: x, 1)(1.0), "no argument 1"),
        (lambda: grad(lambda x: x, "z")(1.0), "no argument z .* it has x"),
        (lambda: grad(lambda x: x)("3"), "not by a str"),
        (lambda: grad(lambda x: x)(1j), "complex"),
        (lambda: jacobian(lambda x: x, mode="sideways"), "sideways"),
        (lambda: jacobian(lambda x: [x, x])(1.0), "one number or array"),
        (lambda: jvp(lambda x: x, (1.0,), ()), "for each argument"),
        (lambda: jvp(lambda x: x, (np.ones(2),), (np.ones(3),)), "shape \\(3,\\)"),
        (lambda: vjp(lambda x: x, np.ones(2))[1](1.0), "shape \\(\\), its value \\(2,\\)"),
        (lambda: grad(lambda x: x.summ())(np.ones(2)), "no .summ; the nearest is .sum"),
    ],
)
def test_refusals_are_sentences(attempt, message):
    with pytest.raises(EngineError, match=message):
        attempt()


def test_a_value_kept_from_another_run_is_refused():
    kept = []

    def keep(x):
        kept.append(x * 2)
        return x * 2

    grad(keep)(1.0)
    with pytest.raises(EngineError, match="another run"):
        grad(lambda y: y * kept[0])(1.0)


def test_global_names_that_a_function_sets_are_the_user_s():
    scope = {"math": math, "calls": 0}
    exec("def f(x):\n    global calls\n    calls += 1\n    return math.sin(x)", scope)
    assert grad(scope["f"])(0.0) == 1.0 and grad(scope["f"])(0.0) == 1.0
    assert scope["calls"] == 2


def test_a_helper_that_is_redefined_counts_anew():
    scope = {"math": math}
    exec("def g(x):\n    return math.sin(x)\ndef f(x):\n    return g(x)", scope)
    assert grad(scope["f"])(0.0) == 1.0
    exec("def g(x):\n    return math.exp(2*x)", scope)
    assert grad(scope["f"])(0.0) == 2.0


def test_threads_do_not_meet():
    found = {}

    def work(k):
        found[k] = [grad(grad(lambda x: math.sin(k * x)))(0.3) for _ in range(50)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, values in found.items():
        assert values == pytest.approx([-k * k * math.sin(k * 0.3)] * 50)


def test_the_first_step_that_is_not_finite_is_named():
    def f(x):
        small = x - 1.0
        root = np.sqrt(small)
        return np.log(root) * 0.0 + root

    with pytest.raises(EngineError, match="np.log\\(root\\) is infinite here: the logarithm of 0") as caught:
        grad(f, finite=True)(1.0)
    assert caught.value.span.text == "np.log(root)"
    with pytest.raises(EngineError, match="np.sqrt\\(x\\).* is not finite here"):
        grad(lambda x: np.sqrt(x) * 2, finite=True)(0.0)
    assert grad(f, finite=True)(5.0) == 0.25
