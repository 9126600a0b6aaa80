"""What several tests of pages share: one browser, and axe-core, which finds what shuts people out."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .browser import CHROMIUM, MISSING, Browser, Tab

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
AXE = "axe-core@4.14.1"


@pytest.fixture(scope="module")
def browser():
    """One for all tests of a file."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    browser = Browser()
    yield browser
    browser.close()


@cache
def axe() -> str | None:
    """The source of axe-core, from npm; None where there is no npm or no registry."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with TemporaryDirectory() as folder:
        try:
            subprocess.run([npm, "pack", AXE], cwd=folder, check=True, capture_output=True, timeout=60)
        except (subprocess.SubprocessError, OSError):
            return None
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            member = archive.extractfile("package/axe.min.js")
            return member.read().decode() if member else None


def barriers(tab: Tab) -> list[str]:
    """What axe-core finds wrong with a page."""
    source = axe()
    if source is None:
        pytest.skip("axe-core cannot be had from npm here")
    tab.run(source + ";0")
    return tab.run(
        "axe.run(document, {preload: false, resultTypes: ['violations']}).then(r => "
        "r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | ')))"
    )
