"""Names and numbers as Typst mathematics: c_0, Greek letters, upright words, powers of ten."""

from __future__ import annotations

import re

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu",
    "xi", "pi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi",
    "Sigma", "Phi", "Psi", "Omega",
}  # fmt: skip
_ALIASES = {"lam": "lambda", "lamda": "lambda", "lambda_": "lambda", "eps": "epsilon", "omicron": "o"}


def typeset(name: str) -> str:
    """A user's name in Typst: one letter italic, Greek as Greek, a trailing number as subscript, words
    upright.

    >>> [typeset(name) for name in ("x", "c_0", "c0", "theta", "loss", "w_out", "y_hat")]
    ['x', 'c_0', 'c_0', 'theta', '"loss"', 'w_"out"', 'hat(y)']
    """
    if re.fullmatch(r"[A-Za-zÀ-ɏΑ-ω]", name):
        return name
    name = _ALIASES.get(name, name)
    if name in _GREEK or name == "lambda":
        return name
    hat = re.fullmatch(r"(.+)_(hat|bar|tilde)", name)
    if hat:
        mark = {"hat": "hat", "bar": "macron", "tilde": "tilde"}[hat[2]]
        base = typeset(hat[1])
        if not base.startswith('"'):
            return f"{mark}({base})"
    parts = re.fullmatch(r"([A-Za-zΑ-ω]|[A-Za-z]{2,}?)_?(\d+)", name) or re.fullmatch(r"([A-Za-z]+)_([A-Za-z0-9]+)", name)
    if parts:
        base, below = typeset(parts[1]), parts[2]
        if not base.startswith('"') or below.isdigit():
            return f"{base}_{below}" if re.fullmatch(r"\d+|[A-Za-z]", below) else f"{base}_{quoted(below)}"
    return quoted(name)


def quoted(text: str) -> str:
    """Upright text in Typst mathematics."""
    clean = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{clean}"'


def number(text: str) -> tuple[str, bool]:
    """A printed number in Typst, and whether it is a product (a power of ten).

    >>> number("2"), number("1e-05"), number("-0.5")
    (('2', False), ('1 dot 10^(-5)', True), ('-0.5', False))
    """
    text = text.replace("_", "").replace("−", "-").strip()
    mantissa, found, power = text.lower().partition("e")
    if not found or not re.fullmatch(r"[+-]?\d+", power):
        return (text if re.fullmatch(r"-?[\d.]+", text) else quoted(text)), False
    return f"{mantissa.rstrip('.')} dot 10^({int(power)})", True
