"""The manifest ``NAME.json`` beside every video: what was asked, versions, every beat, every number."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from .drawing import Score
from .errors import RenderError
from .settings import Settings
from .versions import versions

SCHEMA = 1


def build(
    asked: dict[str, Any], settings: Settings, score: Score, files: list[str], title: str
) -> dict[str, Any]:
    """The manifest as JSON values; the checksum covers everything else in it."""
    manifest = {
        "schema": SCHEMA,
        "title": title,
        "alt": score.alt,
        "asked": plain({**asked, **score.asked}),
        "versions": versions(),
        "theme": score.theme,
        "seed": score.seed,
        "format": settings.format,
        "width": settings.width,
        "height": settings.height,
        "fps": settings.fps,
        "frames": score.frames,
        "seconds": exact(score.frames / settings.fps),
        "narrated": settings.narrate,
        "beats": [
            plain({**beat, "start": exact(beat["start"]), "end": exact(beat["end"])}) for beat in score.beats
        ],
        "questions": [[exact(since), exact(until)] for since, until in score.questions],
        "sources": plain(score.sources),
        "numbers": [
            plain({**number, "value": exact(number["value"]), "start": exact(number["start"])})
            for number in score.numbers
        ],
        "files": files,
    }
    manifest["sha256"] = checksum(manifest)
    return manifest


def exact(value: float) -> float | str:
    """A number at 12 significant digits; what JSON cannot write becomes its name.

    >>> exact(1 / 3), exact(float("inf"))
    (0.333333333333, 'inf')
    """
    value = float(value)
    return float(f"{value:.12g}") if math.isfinite(value) else str(value)


def plain(value: Any) -> Any:
    """Anything an engine describes as JSON values, whole precision kept."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Path):
        return str(value)
    return str(value)


def checksum(manifest: dict[str, Any]) -> str:
    """SHA-256 over everything but the checksum itself, however the file is laid out."""
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write(manifest: dict[str, Any], path: Path) -> None:
    """As text that can be read and compared line by line."""
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """A manifest from its file; refuses what is none."""
    if path.suffix in (".mp4", ".webm", ".mov", ".gif"):
        path = path.with_suffix(".json")
    manifest = read_json(path, "manifest")
    if not isinstance(manifest, dict) or "schema" not in manifest or "numbers" not in manifest:
        raise RenderError(f"{path} is not a manifest of chainreel")
    if manifest["schema"] != SCHEMA:
        raise RenderError(f"{path} has schema {manifest['schema']}; this chainreel reads {SCHEMA}")
    return manifest


def read_json(path: Path, kind: str) -> Any:
    """What a JSON file holds; one that is missing, unreadable or no JSON is a sentence that calls it by its kind."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RenderError(f"there is no {kind} {path}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise RenderError(f"cannot read {path}: {problem}") from None
    except json.JSONDecodeError as problem:
        raise RenderError(f"{path} is not a {kind}: line {problem.lineno} is not JSON") from None
