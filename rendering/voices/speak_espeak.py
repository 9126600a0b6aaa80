"""``python -m chainreel.rendering.voices.speak_espeak VOICE RATE``: text on stdin; times of words and a WAV on stdout.

The C interface of eSpeak NG (speak_lib.h) by ctypes; the library and its data come with the package
espeakng-loader.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import wave

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback gets the sound, nothing is played
RATE, UTF8, BY_CHARACTER = 1, 1, 1  # espeakRATE, espeakCHARS_UTF8, POS_CHARACTER
LIST_ENDS, WORD = 0, 1  # espeakEVENT_LIST_TERMINATED, espeakEVENT_WORD


class Event(ctypes.Structure):
    """espeak_EVENT: here a word's place in the text (counted from 1) and in the sound."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


def speak(text: str, voice: str, rate: int) -> tuple[bytes, list[tuple[int, float, float]]]:
    """A mono WAV file with 16-bit samples, and (offset in the text, start, end) of its words; ``rate`` is words a minute."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    hertz = library.espeak_Initialize(SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if hertz <= 0:
        raise OSError("the library did not start")
    chunks: list[bytes] = []
    starts: dict[int, float] = {}

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
    def receive(samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[Event]) -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
        index = 0
        while events and events[index].type != LIST_ENDS:
            if events[index].type == WORD:
                starts.setdefault(events[index].text_position - 1, events[index].sample / hertz)
            index += 1
        return 0

    library.espeak_SetSynthCallback(receive)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise OSError(f"there is no voice '{voice}'")
    library.espeak_SetParameter(RATE, rate, 0)
    data = text.encode()
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
        ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    if library.espeak_Synth(data, len(data) + 1, 0, BY_CHARACTER, 0, UTF8, None, None) != 0:
        raise OSError("the text was refused")
    library.espeak_Synchronize()
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(hertz)
        sound.writeframes(b"".join(chunks))
    ends = [*[start for _, start in sorted(starts.items())][1:], sum(map(len, chunks)) / 2 / hertz]
    return out.getvalue(), [(at, start, end) for (at, start), end in zip(sorted(starts.items()), ends, strict=True)]


if __name__ == "__main__":
    wav, words = speak(sys.stdin.buffer.read().decode(), sys.argv[1], int(sys.argv[2]))
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n" + wav)
