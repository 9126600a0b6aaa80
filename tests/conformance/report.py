"""Everything that other people's checks say about this engine, in one page: docs/conformance.md.

    .venv/bin/python -P tests/conformance/report.py

runs every part (a few minutes on two cores) and writes the page: counts, every exception with its reason, the versions
of the peers. The text depends on the code, the peers' versions and – last digits of the accuracy – the processor.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "conformance.md"
sys.path.insert(0, str(ROOT))  # python -P leaves it out; the parts import each other as tests.conformance.…

PEERS = (
    ("numpy", "numpy"), ("scipy", "scipy"), ("mpmath", "mpmath"), ("torch", "torch"), ("jax", "jax"),
    ("autograd (its tests)", "autograd"), ("hypothesis", "hypothesis"),
)  # fmt: skip


def part(name: str) -> Callable:
    """One of the parts' modules, imported as pytest imports it."""
    return importlib.import_module(f"tests.conformance.{name}")  # type: ignore[return-value]


def outcomes(*files: str) -> Counter:
    """How the tests of some files end, by pytest in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-P", "-m", "pytest", "-n0", "-q", f"--junitxml={report}", *files]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if not report.is_file():
            raise SystemExit(f"The tests of {', '.join(files)} did not run: {answer.stdout[-2000:]}{answer.stderr[-2000:]}")
        found: Counter = Counter()
        for case in xml.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            kind = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            found[kind] += 1
            if kind == "failed":
                print(f"failed: {case.get('classname')}::{case.get('name')}", file=sys.stderr)
    return found


def said(found: Counter) -> str:
    """ "12 of 12 pass", or what else there is."""
    total = sum(found.values())
    rest = "".join(f", {found[kind]} {kind}" for kind in ("failed", "skipped") if found[kind])
    return f"{found['passed']} of {total} checks pass{rest}"


def accuracy() -> list[str]:
    """The table of the accuracy grid."""
    grid = part("test_accuracy")
    lines = [
        f"First and second derivatives of {len(grid.FUNCTIONS)} functions of one number against mpmath with 60 digits: every"
        " magnitude of floats, both tails, the neighbourhood of 0, of ±1 and of the multiples of pi/2. First derivatives are"
        " measured on four roads (a float and an array, the reverse and the forward sweep); the worst of all is shown, as a"
        f" part of the exact number. Bound: {grid.BOUND:.0e}. Where the exact number is beyond the largest float the answer"
        " must be that infinity; below the smallest normal float, anything between 0 and that. Second derivatives are"
        " measured against the largest of |f''|, |f'|, |f'/x|, |f' f|, because a sum of terms may cancel; bound:"
        f" {grid.SECOND_BOUND:.0e}. Values are measured where the formula is the engine's own.",
        "",
        "| function | points | worst first derivative | worst second derivative | worst value |",
        "|---|---|---|---|---|",
    ]
    bad = []
    for name in sorted(grid.FUNCTIONS):
        found = grid.accuracy(name)
        own = f"{found.value[0]:.1e}" if grid.REFERENCES[name].own else ""
        lines.append(f"| {name} | {found.points} | {found.first[0]:.1e} | {found.second[0]:.1e} | {own} |")
        bad += [name] if found.first[0] > grid.BOUND or found.second[0] > grid.SECOND_BOUND else []
    verdict = f"All but {len(bad)} are within the bounds:" if bad else "All are within the bounds."
    reasons = [f"* {name}: {grid.LOOSER[name][2] if name in grid.LOOSER else 'NO REASON'}" for name in bad]
    for name, reference in grid.REFERENCES.items():
        if reference.bends_to < float("inf"):
            reasons.append(
                f"* {name}, second derivative, is measured up to {reference.bends_to:g} only: {grid.LOOSER[name][2]}"
            )
    return [lines[0], "", verdict, *([""] if reasons else []), *reasons, *lines[1:]]


def autograd_suite() -> list[str]:
    """Counts and the list of differences."""
    suite, differences = part("test_autograd_suite"), part("autograd_differences").DIFFERENCES
    result = suite.run()
    whole = result.count("passed") - len(result.partly)
    lines = [
        f"Of the {len(result.outcomes)} tests in the source distribution {result.count('passed')} pass, {whole} of them as"
        f" they are and {len(result.partly)} with their complex samples left out; {result.count('skipped')} are skipped by"
        f" autograd itself (xarray is not installed) and {result.count('failed')} fail, for these reasons:",
        "",
    ]
    for reason, tests in differences.items():
        lines.append(f"* {reason} ({len(tests)})")
        by_file: dict[str, list[str]] = {}
        for test in tests:
            file, _, name = test.partition(".py::")
            by_file.setdefault(file, []).append(name)
        lines += [f"  * {file}: {', '.join(f'`{name}`' for name in sorted(by_file[file]))}" for file in sorted(by_file)]
    unexpected = sorted(t for t, o in result.outcomes.items() if o == "failed" and t not in suite.reasons())
    return lines + ([f"* WITHOUT A REASON: {', '.join(unexpected)}"] if unexpected else [])


def checked(*files: str, text: str) -> Callable[[], list[str]]:
    """A part of which only the count is told."""

    def section() -> list[str]:
        return [f"{said(outcomes(*(f'tests/{file}.py' for file in files)))}. {text}"]

    return section


def database() -> list[str]:
    """Counts over torch's operations and samples, what differs, what is left out and why."""
    compared, names = part("test_opinfo"), part("opinfo_names")
    found = compared.report()
    samples = sum(outcome.samples for outcome in found)
    counts = {kind: sum(getattr(outcome, kind) for outcome in found) for kind in ("value", "reverse", "forward", "second")}
    lines = [
        f"torch has derivatives for {len(compared.differentiable())} operations of its database; {len(found)} have a spelling"
        f" in numpy, scipy or the engine's functions. Of torch's own samples for these, in float64, {samples} are compared:",
        "",
        "| value | reverse | forward | second order |",
        "|---|---|---|---|",
        "| " + " | ".join(f"{counts[kind]} of {samples}" for kind in counts) + " |",
        "",
        "What differs:",
        "",
    ]
    wrong = [f"* {outcome.op}: {len(outcome.wrong)} of {outcome.samples} samples" for outcome in found if outcome.wrong]
    lines += wrong or ["* nothing"]
    drawn = sum(n for o in found for why, n in o.left_out.items() if why.startswith("only "))
    lines += ["", "What is left out:", "", f"* {drawn} samples of operations that have more than {names.MOST}: {names.MOST} are"
              " drawn, evenly"]  # fmt: skip
    for outcome in found:
        lines += [f"* {outcome.op}: {why}" + (f" ({n} samples)" if n > 1 else "")
                  for why, n in outcome.left_out.items() if not why.startswith("only ")]  # fmt: skip
    if names.ONCE:
        lines.append(f"* second order, which torch does not have or does not check: {', '.join(sorted(names.ONCE))}")
    by_reason: dict[str, list[str]] = {}
    for name, why in names.WITHOUT.items():
        by_reason.setdefault(why, []).append(name)
    lines += ["", "Operations without a numpy spelling:", ""]
    lines += [f"* {why} ({len(ops)}): {', '.join(sorted(ops))}" for why, ops in sorted(by_reason.items())]
    return lines


SECTIONS: dict[str, Callable[[], list[str]]] = {
    "Digits of unary derivatives (mpmath)": accuracy,
    "torch's operator database (OpInfo)": database,
    "HIPS/autograd's own tests": autograd_suite,
    "torch.autograd.gradcheck and gradgradcheck": checked(
        "conformance/test_gradcheck",
        text="Each of the functions of tests/conformance/functions.py, once for its first derivatives in reverse and forward"
        " mode and once for its second derivatives; and a wrong derivative, which must be refused.",
    ),
    "jax.test_util.check_jvp and check_vjp": checked(
        "conformance/test_jax",
        text="The same functions, and the gradients of the same functions; and derivatives inside differentiated functions,"
        " to three levels, against jax's own answers.",
    ),
    "scipy.optimize's Rosenbrock function": checked(
        "conformance/test_scipy", text="rosen_der, rosen_hess and rosen_hess_prod with up to 100 variables, and Newton-CG."
    ),
    "torch.optim, torch.nn.functional": checked(
        "conformance/test_optimizers",
        "conformance/test_learning",
        text="Whole runs of the optimizers with the settings of torch's own tests and more, step by step within 1e-12;"
        " schedules, activations and losses.",
    ),
    "A second, naive engine; growth of cost": checked(
        "engine/test_reference",
        text="Random programs, grown line by line by hypothesis, compared after every line; ten times the operations in 5 to"
        " 20 times the time, a chain of 100 000 operations, at most 200 bytes for each.",
    ),
    "Silent errors of other engines": checked(
        "engine/test_promises", text="Cases in which autograd, MyGrad, micrograd, JAX or torch give a wrong number."
    ),
}


def page() -> str:
    """The whole page."""
    peers = part("peers")
    versions = ", ".join(f"{title} {peers.version(name)}" for title, name in PEERS)
    lines = [
        "# Conformance",
        "",
        "What other people's checks say about the engine. Made by `.venv/bin/python -P tests/conformance/report.py`; the same",
        "checks are tests in tests/conformance, which `.ci/run` demands.",
        "",
        f"Versions: {versions}.",
    ]
    for title, section in SECTIONS.items():
        print(title, flush=True)
        lines += ["", f"## {title}", "", *section()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
