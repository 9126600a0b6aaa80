"""A film from its pieces, without encoding again: video, sound, captions, chapters, title, cover."""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

from .captions import Cue
from .encoder import CODECS

SOUND_RATE = 48000
SOUND_CODECS = {"mp4": "aac", "mov": "aac", "webm": "libopus"}
BIT_RATE = 160_000
MILLISECOND = Fraction(1, 1000)

# The header that says how text captions look; players use their own style.
_STYLE = (
    b"[Script Info]\r\nScriptType: v4.00+\r\n\r\n[V4+ Styles]\r\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, "
    b"Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, "
    b"Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\r\n\r\n"
    b"[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)


@dataclass(frozen=True)
class Chapter:
    """A named stretch of the film, seconds."""

    title: str
    start: float
    end: float


Sound = np.ndarray | list[bytes]  # samples, or AAC packets


@dataclass
class Extras:
    """What goes in beside the pictures. ``sound`` has the shape (2, samples), float32 at 48 kHz, or is ``encoded``."""

    title: str = ""
    comment: str = ""
    cues: Sequence[Cue] = ()
    chapters: Sequence[Chapter] = ()
    cover: Path | None = None
    sound: Sound | None = None
    language: str = "eng"
    metadata: dict[str, str] = field(default_factory=dict)


def assemble(pieces: Sequence[Path], target: Path, how: str, fps: int, extras: Extras) -> None:
    """Join the pieces into ``target``. Every piece has the same size, codec and rate; ``how`` is a name in ``CODECS``."""
    format = how.partition("+")[0]
    options = {"fflags": "+bitexact"}  # no random identifiers, so the same film is the same file
    if format in ("mp4", "mov"):
        options["movflags"] = "+faststart"
    with av.open(str(target), "w", options=options) as out:
        with av.open(str(pieces[0])) as first:
            video = out.add_stream_from_template(first.streams.video[0])
        if CODECS[how].tag:
            video.codec_context.codec_tag = CODECS[how].tag
        if how == "webm+alpha":
            video.metadata["alpha_mode"] = "1"  # what is transparent stands beside each frame; players look for it by this
        video.time_base = Fraction(1, fps * 1000)
        tracks: list[Iterator[tuple[float, av.Packet]]] = [_pictures(pieces, video, fps)]
        out.metadata.update(
            {k: v for k, v in {"title": extras.title, "comment": extras.comment}.items() if v}
        )
        out.metadata.update(extras.metadata)
        if extras.sound is not None:
            tracks.append(_sound(out, format, extras.sound, extras.language))
        if extras.cues and format in ("mp4", "mov"):
            tracks.append(_captions(out, extras.cues, extras.language))
        if extras.cover is not None and format == "mp4":
            tracks.append(_cover(out, extras.cover))
        if extras.chapters:
            out.set_chapters(
                [
                    {
                        "id": number,
                        "start": round(chapter.start * 1000),
                        "end": round(chapter.end * 1000),
                        "time_base": MILLISECOND,
                        "metadata": {"title": chapter.title},
                    }
                    for number, chapter in enumerate(extras.chapters)
                ]
            )
        for packet in _in_order(tracks):
            out.mux(packet)


def _in_order(tracks: list[Iterator[tuple[float, av.Packet]]]) -> Iterator[av.Packet]:
    """The packets of all tracks by time, as players like to find them."""
    for _, packet in heapq.merge(*tracks, key=lambda entry: entry[0]):
        yield packet


def _pictures(pieces: Sequence[Path], stream: Any, fps: int) -> Iterator[tuple[float, av.Packet]]:
    """The pieces' packets with times in whole frames: some containers round to milliseconds."""
    offset = 0
    for path in pieces:
        count = 0
        with av.open(str(path)) as piece:
            for packet in piece.demux(piece.streams.video[0]):
                if packet.dts is None or packet.pts is None:
                    continue
                frame = offset + round(packet.pts * packet.time_base * fps)
                packet.time_base = Fraction(1, fps)
                packet.pts = packet.dts = frame
                packet.duration = 1
                packet.stream = stream
                yield frame / fps, packet
                count += 1
        offset += count


def encoded(samples: np.ndarray, format: str) -> Sound:
    """The sound of a film as far as it can be made before the film: in stretches, side by side, and kept."""
    from .aac import packets

    return list(packets(samples)) if SOUND_CODECS.get(format) == "aac" else samples


def _sound(out: Any, format: str, sound: Sound, language: str) -> Iterator[tuple[float, av.Packet]]:
    stream = out.add_stream(SOUND_CODECS[format], rate=SOUND_RATE, layout="stereo")
    stream.bit_rate = BIT_RATE
    stream.metadata["language"] = language
    if SOUND_CODECS[format] == "aac":
        stream.codec_context.open()
        return _aac_packets(stream, sound if isinstance(sound, list) else list(encoded(sound, format)))
    return _sound_packets(stream, np.asarray(sound))


def _aac_packets(stream: Any, packets: list[bytes]) -> Iterator[tuple[float, av.Packet]]:
    from .aac import FRAME

    for index, content in enumerate(packets):
        packet = av.Packet(content)
        packet.stream, packet.time_base = stream, Fraction(1, SOUND_RATE)
        packet.pts = packet.dts = (index - 1) * FRAME  # the first one only starts the decoder
        packet.duration, packet.is_keyframe = FRAME, True
        yield (index - 1) * FRAME / SOUND_RATE, packet


def _sound_packets(stream: Any, samples: np.ndarray) -> Iterator[tuple[float, av.Packet]]:
    context = stream.codec_context
    context.open()
    wanted = context.format.name
    size = context.frame_size or 1024
    resampler = av.AudioResampler(format=wanted, layout="stereo", rate=SOUND_RATE)
    for at in range(0, samples.shape[1], size):
        block = np.ascontiguousarray(samples[:, at : at + size], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        for ready in resampler.resample(frame):
            for packet in stream.encode(ready):
                yield float(packet.dts * packet.time_base), packet
    for packet in stream.encode(None):
        yield float(packet.dts * packet.time_base), packet


def _captions(out: Any, cues: Sequence[Cue], language: str) -> Iterator[tuple[float, av.Packet]]:
    stream = out.add_stream("mov_text")
    stream.codec_context.subtitle_header = _STYLE
    stream.time_base = MILLISECOND
    stream.metadata["language"] = language
    return _caption_packets(stream, cues)


def _caption_packets(stream: Any, cues: Sequence[Cue]) -> Iterator[tuple[float, av.Packet]]:
    for cue in cues:
        text = cue.text.encode()
        packet = av.Packet(struct.pack(">H", len(text)) + text)
        packet.stream, packet.time_base = stream, MILLISECOND
        packet.pts = packet.dts = round(cue.start * 1000)
        packet.duration = max(1, round(cue.end * 1000) - round(cue.start * 1000))
        packet.is_keyframe = True
        yield cue.start, packet


def _cover(out: Any, picture: Path) -> Iterator[tuple[float, av.Packet]]:
    with av.open(str(picture)) as source:
        frame = next(source.decode(video=0))
    stream = out.add_stream("png", rate=1)
    stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "rgb24"
    stream.disposition = Disposition.attached_pic
    packet = av.Packet(picture.read_bytes())
    packet.stream, packet.time_base = stream, Fraction(1, 1)
    packet.pts = packet.dts = 0
    packet.is_keyframe = True
    return iter([(0.0, packet)])
