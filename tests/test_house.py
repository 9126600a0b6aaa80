"""The house itself: what must hold so that a checkout installs, imports and answers as promised."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("engine", "scenes", "rendering", "show")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
# Import names that differ from the name of the package.
PACKAGE_OF = {
    "cairo": "pycairo", "espeakng_loader": "espeakng-loader", "PIL": "pillow", "pptx": "python-pptx", "sklearn": "scikit-learn",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """The outermost names of a file's absolute imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_every_folder_with_code_is_a_listed_package():
    """Protects users of an installed chainreel from a folder that only exists in a checkout."""
    folders = {path.parent.relative_to(ROOT) for path in SOURCES}
    expected = sorted("chainreel." + ".".join(folder.parts) for folder in folders)
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == expected
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file(), f"{folder} has no __init__.py"


def test_the_root_is_no_package():
    """An __init__.py in the root would give every module a second name after the folder of the checkout."""
    assert not (ROOT / "__init__.py").exists()


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_imports_a_room_by_its_bare_name(room):
    """`import engine` works from the root and makes a second copy of every class."""
    files = [
        *SOURCES,
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "examples").rglob("*.py"),
        ROOT / "render.py",
    ]
    assert not [path for path in files if room in imports(path)]


def test_ruff_refuses_a_bare_import_but_not_a_relative_one():
    """The ban is a setting that is easily lost; it must not hit `from .errors import` either."""
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "check", "--select", "TID251", "--stdin-filename", "rendering/probe.py", "-"]
    bare = subprocess.run(command, input="import engine\n", cwd=ROOT, capture_output=True, text=True)
    relative = subprocess.run(
        command, input="from .errors import A\n", cwd=ROOT, capture_output=True, text=True
    )
    assert "TID251" in bare.stdout and bare.returncode == 1
    assert relative.returncode == 0, relative.stdout


def test_rooms_import_only_earlier_rooms():
    """Data goes one way: engine, then scenes, then rendering, then what a notebook calls."""
    for path in SOURCES:
        room = path.relative_to(ROOT).parts[0]
        text = path.read_text(encoding="utf-8")
        for later in ROOMS[ROOMS.index(room) + 1 :]:
            assert not re.search(rf"(from|import) chainreel\.{later}\b", text), f"{path} imports {later}"


def test_every_package_that_is_imported_is_declared():
    """What only arrives because another package needs it can vanish with that package's next version."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(line for name, lines in extras.items() if name != "dev" for line in lines)]
    names = {re.split(r"[<>=!~ \[;]", line)[0].lower() for line in declared}
    own = set(sys.stdlib_module_names) | {"chainreel", "__future__"}
    for path in SOURCES:
        for name in imports(path) - own:
            assert PACKAGE_OF.get(name, name).lower() in names, (
                f"{path} imports {name}, which is not declared"
            )


def test_the_engine_knows_nothing_of_pictures():
    """engine/ must stay usable without manim, and quick to import."""
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] == "engine":
            allowed = {"chainreel", "numpy", "scipy", "sympy", "mpmath", "sklearn"}
            foreign = imports(path) - set(sys.stdlib_module_names) - allowed
            assert not foreign, f"{path} imports {foreign}"


def test_importing_the_engine_is_quick():
    """sympy, scipy and the learning room are loaded when they are needed."""
    code = "import sys, chainreel.engine; print([n for n in sys.modules if n in ('sympy', 'scipy', 'sklearn', 'manim')])"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_core_of_the_engine_reads_in_one_sitting():
    """The tape, the kinds of primitive and both sweeps: fewer than 400 lines."""
    core = [ROOT / "engine" / f"{name}.py" for name in ("tape", "primitive", "sweeps")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in core) < 400


@pytest.mark.parametrize("name", ["manim", "typst", "av"])
def test_exact_pins_agree(name):
    """Typst renames symbols, manim moves its inner parts, PyAV its encoders: one version is right."""
    pin = next(line for line in PROJECT["project"]["dependencies"] if line.startswith(name + "=="))
    assert re.search(rf"^{re.escape(pin)} ", LOCK, re.MULTILINE)


def test_the_lock_is_hashed_and_holds_no_address():
    """A lock with an address would send every user to one registry."""
    assert "://" not in LOCK and "--index" not in LOCK
    entries = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert len(entries) > 40
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_the_lock_holds_everything_that_is_declared():
    """A dependency that was added without a new lock is missing on every fresh machine."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    for line in [*project["dependencies"], *extras["voice"], *extras["dev"]]:
        name = re.split(r"[<>=!~ \[;]", line)[0].lower()
        assert re.search(rf"^{re.escape(name)}==", LOCK, re.MULTILINE), f"{name} is not in requirements.lock"


@pytest.mark.parametrize("script", ["chainreel", ".ci/run"])
def test_scripts_are_posix_and_executable(script):
    """The first thing a user runs must start on a shell without bash."""
    path = ROOT / script
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert os.access(path, os.X_OK)
    for shell in filter(None, (shutil.which("dash"), shutil.which("sh"))):
        assert subprocess.run([shell, "-n", str(path)]).returncode == 0


def test_ci_ends_with_the_readme_test_command():
    """What is checked before a change is taken is what a reader of the README would run."""
    assert (
        (ROOT / ".ci/run")
        .read_text(encoding="utf-8")
        .strip()
        .splitlines()[-1]
        .startswith("exec ./chainreel test")
    )


@pytest.mark.parametrize(
    "words", [["list"], ["list", "--json"], ["--help"], ["clip", "backward", "--help"], ["doctor", "-h"]]
)
def test_help_and_list_load_nothing_heavy(python, words):
    """--help answers in under 0.3 s only as long as neither manim nor numpy is imported on its way."""
    code = (
        "import sys; from chainreel.rendering.cli import main; status = main(sys.argv[1:]); "
        "heavy = {'manim', 'numpy', 'sympy', 'scipy', 'av', 'typst'} & set(sys.modules); "
        "print('HEAVY', sorted(heavy), status)"
    )
    answer = python("-c", code, *words)
    assert "HEAVY [] 0" in answer.stdout, answer.stdout[-300:] + answer.stderr


def test_importing_the_packages_makes_no_second_copy(python):
    """The guard against `import engine` slipping in through a library call."""
    code = (
        "import sys, chainreel.engine, chainreel.scenes.clips, chainreel.rendering.cli; "
        "print({'engine', 'scenes', 'rendering'} & set(sys.modules))"
    )
    assert python("-c", code).stdout.strip() == "set()"


def test_render_py_without_the_environment_says_what_to_do(python):
    """A reader who calls a bare python gets a sentence, not a traceback."""
    answer = python("-S", "-E", str(ROOT / "render.py"), "list")
    assert answer.returncode == 1
    assert "./chainreel" in answer.stderr and "Traceback" not in answer.stderr


def test_commands_of_the_readme_exist():
    """A README command that is not there is the first thing a user meets."""
    readme = ROOT / "README.md"
    if not readme.is_file():
        pytest.skip("there is no README yet")
    from chainreel.rendering.cli import COMMANDS

    said = re.findall(r"(?:\./chainreel|python render\.py)\s+([a-z]+)", readme.read_text(encoding="utf-8"))
    assert said
    assert set(said) <= {*COMMANDS, "setup", "test"}


def test_no_machine_path_and_no_registry_is_written_down():
    """What is committed must be as true on another machine."""
    words = re.compile("/" + "root/|/" + "home/|/" + "work/|pypi" + r"\.org|/tmp" + "/")
    files = [
        *SOURCES,
        ROOT / "chainreel",
        ROOT / "pyproject.toml",
        ROOT / "requirements.lock",
        ROOT / ".ci/run",
    ]
    files += [path for folder in ("docs", "examples", "benchmarks") for path in (ROOT / folder).rglob("*.*")]
    for path in files:
        if path.suffix in (".py", ".md", ".toml", ".lock", "") and path.is_file():
            assert not words.search(path.read_text(encoding="utf-8")), path


def modules() -> list[str]:
    """Every module of the three packages."""
    found = []
    for room in ROOMS:
        package = importlib.import_module(f"chainreel.{room}")
        found += [m.name for m in pkgutil.walk_packages(package.__path__, f"chainreel.{room}.")]
    return [name for name in found if not name.endswith("__main__")]


def test_examples_in_docstrings_run():
    """The examples of public docstrings are what users copy."""
    failed = []
    for name in modules():
        module = importlib.import_module(name)
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        if result.failed:
            failed.append(name)
    assert not failed


def test_the_examples_of_the_engine_s_tour_run():
    """docs/engine.md is what a reader types first."""
    result = doctest.testfile(str(ROOT / "docs" / "engine.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 10 and not result.failed
