"""`doctor` finds what is wrong with a machine or a film."""

from __future__ import annotations

import shutil

import av
import pytest

from chainreel.rendering.doctor import check_film, check_machine, top_boxes
from chainreel.rendering.film import render


def bad(findings):
    return {finding.what for finding in findings if not finding.ok}


def test_this_machine_is_able():
    """Where the tests run, films can be made; only the disk may be small."""
    assert bad(check_machine()) <= {"disk"}


def test_a_film_that_was_spoilt_is_found_out(tiny, small, tmp_path):
    """Boxes in the wrong order, sidecars missing, manifest changed."""
    film = render(tiny, small, tmp_path / "a.mp4")
    assert bad(check_film(film.video)) == set()
    slow = tmp_path / "b.mp4"
    with av.open(str(film.video)) as source, av.open(str(slow), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert top_boxes(slow).index("mdat") < top_boxes(slow).index("moov")
    assert bad(check_film(slow)) == {"faststart", ".vtt", ".srt", ".png", ".json"}
    for suffix in (".vtt", ".srt", ".png", ".json"):
        shutil.copy(film.video.with_suffix(suffix), slow.with_suffix(suffix))
    text = slow.with_suffix(".json").read_text(encoding="utf-8")
    slow.with_suffix(".json").write_text(text.replace('"fps": 10', '"fps": 11'), encoding="utf-8")
    assert bad(check_film(slow)) == {"faststart", "manifest"}


def test_what_is_no_film(tmp_path):
    """A sentence."""
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a film" * 100)
    with pytest.raises(ValueError, match="not a video"):
        check_film(path)
