"""The command line of the golden frames; see the package."""

from __future__ import annotations

import sys
from pathlib import Path

from chainreel.scenes.clips.catalogue import CLIPS

from . import TOLERATED, accept, compared, golden, now, path_of, share


def main(words: list[str]) -> int:
    """compare (default), show or accept; of all clips or of those named."""
    action = words[0] if words else "compare"
    names = words[1:] or list(CLIPS)
    unknown = [name for name in names if name not in CLIPS]
    if action not in ("compare", "show", "accept") or unknown:
        print(f"usage: python -m tests.scenes.golden [compare | show | accept] [{' | '.join(CLIPS)}]", file=sys.stderr)
        return 2
    folder = Path("build/golden")
    worst = 0
    for name in names:
        picture = now(name)
        apart = share(golden(name), picture) if path_of(name).exists() else 1.0
        worst += apart > TOLERATED
        said = "new" if not path_of(name).exists() else f"{100 * apart:.2f} % of the pixels differ"
        if action == "accept" and apart > 0:
            accept(name, picture)
            said += ", accepted"
        if action == "show":
            folder.mkdir(parents=True, exist_ok=True)
            compared(name, picture).save(folder / f"{name}.png")
            said += f", see {folder / name}.png"
        print(f"{name:<16} {said}", flush=True)
    for left in sorted(path.stem for path in path_of("x").parent.glob("*.png") if path.stem not in CLIPS):
        print(f"{left:<16} has no clip any more")
    return 1 if action == "compare" and worst else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
