"""Names of the user's as they are shown in words and as a voice says them."""

from __future__ import annotations

import re
from typing import NamedTuple

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "psi": "ψ", "omega": "ω", "lam": "λ",
}  # fmt: skip
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Name(NamedTuple):
    """A name with its two forms."""

    shown: str
    spoken: str


def name(text: str) -> Name:
    """The two forms of a name.

    >>> name("c_0"), name("theta")
    (Name(shown='c₀', spoken='c 0'), Name(shown='θ', spoken='theta'))
    """
    found = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", text)
    if found:
        stem, index = found.groups()
        shown = _GREEK.get(stem, stem) + index.translate(_SUBSCRIPT)
        return Name(shown, f"{stem} {index}".strip())
    return Name(text, re.sub(r"[^A-Za-z0-9 ]", " ", text).strip() or "it")
