"""``python -m chainreel.rendering.voices.speak_flite VOICE LIBRARY``: text on stdin; times of words and a WAV on stdout.

The C interface of flite by ctypes: an utterance has a relation "Word" whose items know their name, and by the path
through its syllables the end of the last sound in them.
"""

from __future__ import annotations

import ctypes
import io
import json
import re
import sys
import wave

LAST_SOUND = b"R:SylStructure.daughtern.daughtern.R:Segment.end"
FIRST_SOUND = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"


class Wave(ctypes.Structure):
    """cst_wave."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


def speak(text: str, voice: str, library: str) -> tuple[bytes, list[tuple[int, float, float]]]:
    """A mono WAV file with 16-bit samples, and (offset in the text, start, end) of its words."""
    spoken = ctypes.CDLL(library)
    flite = ctypes.CDLL("libflite.so.1")
    flite.flite_init()
    register = getattr(spoken, f"register_cmu_us_{voice}")
    register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    flite.flite_synth_text.restype, flite.flite_synth_text.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_void_p]
    utterance = flite.flite_synth_text(text.encode(), register(None))
    flite.utt_wave.restype, flite.utt_wave.argtypes = ctypes.POINTER(Wave), [ctypes.c_void_p]
    sound = flite.utt_wave(utterance).contents
    for function, answer, asked in (
        ("utt_relation", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]),
        ("relation_head", ctypes.c_void_p, [ctypes.c_void_p]),
        ("item_next", ctypes.c_void_p, [ctypes.c_void_p]),
        ("item_feat_string", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_char_p]),
        ("ffeature_float", ctypes.c_float, [ctypes.c_void_p, ctypes.c_char_p]),
    ):
        getattr(flite, function).restype, getattr(flite, function).argtypes = answer, asked
    times: list[tuple[int, float, float]] = []
    at, end = 0, 0.0
    word = flite.relation_head(flite.utt_relation(utterance, b"Word"))
    while word:
        name = flite.item_feat_string(word, b"name").decode(errors="replace")
        start = max(end, float(flite.ffeature_float(word, FIRST_SOUND)))
        end = max(start, float(flite.ffeature_float(word, LAST_SOUND)))
        found = re.compile(re.escape(name), re.IGNORECASE).search(text, at)
        if found:  # a number is read as words that the text does not have
            times.append((found.start(), start, end))
            at = found.end()
        word = flite.item_next(word)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.sample_rate)
        file.writeframes(ctypes.string_at(sound.samples, 2 * sound.num_samples))
    return out.getvalue(), times


if __name__ == "__main__":
    wav, words = speak(sys.stdin.buffer.read().decode(), sys.argv[1], sys.argv[2])
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n" + wav)
