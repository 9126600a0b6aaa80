"""``lint``: run a clip without drawing and collect what the stage's layout rules find."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chainreel.scenes.clips.catalogue import CLIPS, clip_named

from . import manifest
from .drawing import make_scene, manim_config, run
from .errors import RenderError
from .filming import Rehearsal
from .settings import Settings
from .shots import Shot, scene_of_file

SETTINGS = Settings(
    854, 480, 15
)  # the smallest size that a film is watched at: what fits here fits everywhere


def lint(target: str, name: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Findings of each shot that the target names: a clip, a scene file, a manifest, or ``all`` clips."""
    return {label: findings(shot) for label, shot in shots(target, name).items()}


def shots(target: str, name: str | None = None) -> dict[str, Shot]:
    """The shots of a target, by name."""
    if target == "all":
        return {clip: Shot.clip(clip, {}) for clip in CLIPS}
    path = Path(target)
    if path.suffix == ".py":
        shot = scene_of_file(path, name)
        return {shot.name: shot}
    if path.suffix == ".json":
        return {path.stem: shot_of_manifest(manifest.read(path))}
    return {target: Shot.clip(clip_named(target).name, {})}


def shot_of_manifest(record: dict[str, Any]) -> Shot:
    """The shot that a manifest was made from."""
    asked = record.get("asked", {})
    if asked.get("file"):
        return scene_of_file(Path(asked["file"]), asked.get("class"))
    if asked.get("clip") not in CLIPS:
        raise RenderError("the manifest does not say which clip it was made from")
    spec = CLIPS[asked["clip"]]
    parameters = {p.name: asked[p.name] for p in spec.parameters if asked.get(p.name) is not None}
    function = parameters.get("function")
    if isinstance(function, dict):
        from chainreel.engine import Function

        parameters["function"] = Function.rebuild(function)
    return Shot.clip(spec.name, parameters)


def findings(shot: Shot, settings: Settings = SETTINGS) -> list[dict[str, Any]]:
    """What the layout rules find in one shot; the end of every animation and beat is looked at."""
    from chainreel.scenes.stage.lint import Lint

    with (
        tempfile.TemporaryDirectory(prefix="chainreel-lint-") as folder,
        manim_config(settings, Path(folder), shot.load()),
    ):
        scene = make_scene(shot, settings)
        watcher = Lint(scene)
        run(scene, Rehearsal())
    return [asdict(finding) for finding in watcher.findings]
