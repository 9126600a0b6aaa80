"""``doctor``: is this machine able to make films, and is this film as it should be."""

from __future__ import annotations

import math
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from .errors import RenderError
from .versions import versions

NEEDED = {"manim": "0.22.0", "typst": "0.15.0", "av": "18.1.0"}
PICTURES = ("gif", "apng", "webp")  # they play as pictures do
SPACE = 2 * 1024**3  # bytes that a long film may need on the way


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    ok: bool
    what: str
    found: str


def check_machine() -> list[Finding]:
    """Python, packages, fonts, formulas, encoders, disk; each by using it."""
    found = versions()
    here = sys.version_info
    findings = [
        Finding((3, 11) <= here < (3, 14), "python", f"{found['python']} (3.11 to 3.13 are supported)")
    ]
    for name, version in found.items():
        if name != "python":
            wanted = NEEDED.get(name)
            note = f"{version} (needs {wanted})" if wanted and version != wanted else version
            findings.append(Finding(version != "missing" and wanted in (None, version), name, note))
    voice = _try(_voice)
    findings += [
        Finding(*_named("fonts", _try(_fonts))),
        Finding(*_named("formulas", _try(_formulas))),
        Finding(*_named("pictures", _try(_pictures))),
        Finding(*_named("encoders", _try(_encoders))),
        Finding(True, "voice", voice[1] if voice[0] else f"not there, only --narrate needs it ({voice[1]})"),
    ]
    free = shutil.disk_usage(Path.cwd()).free
    findings.append(Finding(free > SPACE, "disk", f"{free / 1024**3:.0f} GiB free here"))
    return findings


def _named(what: str, result: tuple[bool, str]) -> tuple[bool, str, str]:
    return result[0], what, result[1]


def _try(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except Exception as problem:
        return False, f"{type(problem).__name__}: {problem}"


def _fonts() -> str:
    from importlib.resources import files

    import uharfbuzz

    fonts = sorted(
        entry.name
        for entry in files("chainreel.scenes.stage").joinpath("fonts").iterdir()
        if entry.name.endswith((".otf", ".ttf"))
    )
    if not fonts:
        raise FileNotFoundError("the package holds no fonts")
    for name in fonts:
        data = files("chainreel.scenes.stage").joinpath("fonts", name).read_bytes()
        if uharfbuzz.Face(data).glyph_count < 100:
            raise ValueError(f"{name} has hardly any glyphs")
    return ", ".join(fonts)


def _formulas() -> str:
    import typst

    svg = typst.Compiler(ignore_system_fonts=True).compile(
        b"$ (partial f) / (partial x) = 2 x $", format="svg"
    )
    text = (svg if isinstance(svg, bytes) else (svg or [b""])[0]).decode()
    if "<path" not in text:
        raise ValueError("Typst drew nothing")
    return "Typst sets them"


def _pictures() -> str:
    import cairo
    import manim  # noqa: F401

    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 8, 8)
    cairo.Context(surface).paint()
    return f"manim draws with cairo {cairo.cairo_version_string()}"


def _encoders() -> str:
    import numpy as np

    from .encoder import CODECS, Encoder, decode

    with tempfile.TemporaryDirectory(prefix="chainreel-doctor-") as folder:
        for format, codec in CODECS.items():
            path = Path(folder) / f"try{codec.container}"
            encoder = Encoder(path, codec, 64, 36, 10)
            encoder.add(np.full((36, 64, 4), 90, np.uint8), 3)
            encoder.close()
            if len(list(decode(path))) != 3:
                raise ValueError(f"{format} lost frames")
    return ", ".join(codec.name for codec in CODECS.values())


def _voice() -> str:
    from .voices.espeak import Espeak

    return f"eSpeak NG says 'one' in {Espeak(cache=False).say('one').duration:.2f} s"


# ---------------------------------------------------------------- a film


def check_file(path: Path) -> list[Finding]:
    """A film, or a pack that was made of one."""
    from .pack.health import check_pack, is_pack

    return check_pack(path) if is_pack(path) else check_film(path)


def check_film(path: Path) -> list[Finding]:
    """What players and web pages need: codec, pixels, size, rate, faststart, captions, sidecars."""
    import av

    if not path.is_file():
        raise RenderError(f"there is no file {path}")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise RenderError(f"{path} has no pictures")
            return [*_look(container, path), *_sidecars(path, container)]
    except av.FFmpegError as problem:
        raise RenderError(f"{path} is not a video that can be read: {problem.strerror}") from None


def _look(container: Any, path: Path) -> list[Finding]:
    stream = container.streams.video[0]
    context = stream.codec_context
    kind = path.suffix.lower().lstrip(".")
    codecs = {
        "mp4": ("h264", ("yuv420p",)),
        "webm": ("vp9", ("yuv420p", "yuva420p")),
        "mov": ("prores", ("yuv422p10le", "yuva444p10le", "yuva444p12le")),
    }
    name = "vp9" if context.name == "libvpx-vp9" else context.name
    codec, pixels = codecs.get(kind, (name, (context.pix_fmt,)))
    rate = stream.average_rate or stream.guessed_rate or Fraction(1)
    times = [frame.pts * frame.time_base for frame in container.decode(stream) if frame.pts is not None]
    steps = [float(b - a) for a, b in zip(times, times[1:], strict=False)]
    grain = max(float(stream.time_base), 0.0)  # a container that counts milliseconds cannot be exact
    steady = all(abs(step - float(1 / rate)) <= grain * 1.01 + 1e-9 for step in steps)
    even = context.width % 2 == 0 and context.height % 2 == 0
    seconds = len(times) / float(rate)
    findings = [
        Finding(
            name == codec,
            "codec",
            f"{name}{f', {context.profile}' if context.profile else ''}" + ("" if name == codec else f" (wanted {codec})"),
        ),
        Finding(
            context.pix_fmt in pixels,
            "pixel format",
            str(context.pix_fmt) + ("" if context.pix_fmt in pixels else f" (wanted {' or '.join(pixels)})"),
        ),
        Finding(even or kind in PICTURES, "size", f"{context.width}x{context.height}"),
        Finding(steady, "rate", f"{float(rate):g} frames/s" + ("" if steady else ", but not constant")),
        Finding(bool(times), "length", f"{seconds:.2f} s, {len(times)} frames"),
    ]
    if kind not in PICTURES:
        tagged = context.color_primaries == 1 and context.colorspace == 1
        findings.append(Finding(tagged, "colours", "BT.709" if tagged else "not tagged as BT.709"))
    if kind in ("mp4", "mov"):
        boxes = top_boxes(path)
        fast = "moov" in boxes and "mdat" in boxes and boxes.index("moov") < boxes.index("mdat")
        findings.append(
            Finding(fast, "faststart", "yes" if fast else f"no, the file begins {', '.join(boxes)}")
        )
        captions = len(container.streams.subtitles)
        findings.append(Finding(True, "captions inside", str(captions)))
    if kind == "webm" and any(tag.lower() == "alpha_mode" for tag in stream.metadata):
        findings.append(Finding(True, "transparency", "beside each frame, as browsers look for it"))
    if kind == "mov" and name == "prores":
        tag, alpha = context.codec_tag, "yuva" in str(context.pix_fmt)
        findings.append(Finding(alpha == (tag in ("ap4h", "ap4x")), "transparency", f"{'yes' if alpha else 'none'}, tag {tag}"))
    findings.append(_sound(container, path))
    marks = container.chapters()
    late = [mark for mark in marks if float(mark["start"] * mark["time_base"]) >= seconds]
    findings.append(Finding(not late, "chapters", f"{len(marks)}" + (f", {len(late)} after the end" if late else "")))
    findings.append(_captions(path, seconds))
    from .pack.playing import said

    return [*findings, said(stream, kind)]


def _captions(path: Path, seconds: float) -> Finding:
    """The captions beside a film: in order, none over another, none after its end."""
    from .pack.vtt import read_cues

    beside = path.with_suffix(".vtt")
    if not beside.is_file():
        return Finding(True, "captions", "none beside it")
    try:
        cues = read_cues(beside, seconds)
    except RenderError as problem:
        return Finding(False, "captions", str(problem))
    return Finding(True, "captions", f"{len(cues)}, none over another, none after the end")


def _sound(container: Any, path: Path) -> Finding:
    """How loud the sound is when it is decoded again: −16 ± 1 LUFS, peaks below −1 dB."""
    if not container.streams.audio:
        return Finding(True, "sound", "none")
    from .sound import TARGET, decoded, loudness, true_peak

    name = container.streams.audio[0].codec_context.name
    heard = decoded(path)
    measured = loudness(heard)
    if not math.isfinite(measured):
        return Finding(True, "sound", f"{name}, silent")
    peak = true_peak(heard)
    return Finding(
        abs(measured - TARGET) <= 1.0 and peak <= -1.0, "sound", f"{name}, {measured:.1f} LUFS, peaks at {peak:.1f} dB"
    )


def _sidecars(path: Path, container: Any) -> list[Finding]:
    from . import manifest

    findings = []
    for suffix in (".vtt", ".srt", ".png", ".json"):
        beside = path.with_suffix(suffix)
        findings.append(Finding(beside.is_file(), suffix, beside.name if beside.is_file() else "missing"))
    if path.with_suffix(".json").is_file():
        try:
            record = manifest.read(path.with_suffix(".json"))
        except RenderError as problem:
            return [*findings, Finding(False, "manifest", str(problem))]
        whole = manifest.checksum(record) == record.get("sha256")
        findings.append(Finding(whole, "manifest", "checksum right" if whole else "checksum wrong"))
        context = container.streams.video[0].codec_context
        same = (context.width, context.height) == (record["width"], record["height"])
        findings.append(Finding(same, "manifest and film", "same size" if same else "differ in size"))
    return findings


def top_boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in order."""
    names: list[str] = []
    size_of_file = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size_of_file:
            file.seek(at)
            size, name = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = struct.unpack(">Q", file.read(8))[0]
            names.append(name.decode("latin-1"))
            if size < 8:
                break
            at += size
    return names
