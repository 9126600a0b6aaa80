"""Other people's browser libraries: fetched from npm when a pack needs one, checked against a fixed sum, kept in the cache.

No code of theirs is part of chainreel; their licence goes wherever their files go.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from chainreel.scenes.stage.folders import cache_folder

from ..errors import RenderError

REVEAL = (
    "reveal.js", "6.0.2",
    "sha512-JYIg5D9aoxoaLeb84O+OvAwsKWdIavVgEDScxtYEXFCT6t6TQrhNtSgogcjdCpdLsWglhJn3zyE3fUOwiH5KEg==",
)  # fmt: skip


def archive(name: str, version: str, integrity: str) -> Path:
    """The package as npm has it, from the cache or from the registry that this machine's npm uses."""
    place = cache_folder() / "packages" / f"{name}-{version}.tgz"
    if place.is_file() and _sum(place) == integrity:
        return place
    npm = shutil.which("npm")
    if npm is None:
        raise RenderError(
            f"{name} {version} is fetched once with npm, which is not installed; "
            f"install npm, or put {place.name} into {place.parent}"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([npm, "pack", f"{name}@{version}"], cwd=folder, check=True, capture_output=True, timeout=120)
            found = next(Path(folder).glob("*.tgz"))
        except (subprocess.SubprocessError, OSError, StopIteration):
            raise RenderError(f"npm could not fetch {name} {version}; put {place.name} into {place.parent}") from None
        if _sum(found) != integrity:
            raise RenderError(f"npm fetched something else than {name} {version} (its sum differs); nothing was written")
        # Beside its place first, so that another pack never sees half of it.
        beside = place.with_suffix(f".{Path(folder).name}")
        shutil.copyfile(found, beside)
        beside.replace(place)
    return place


def unpack(package: Path, members: dict[str, str], folder: Path) -> list[Path]:
    """Some files of a package (their names in it: their names here) in a folder."""
    made = []
    with tarfile.open(package) as tar:
        for inside, name in members.items():
            file = tar.extractfile(f"package/{inside}")
            assert file is not None
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(file.read())
            made.append(folder / name)
    return made


def _sum(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
