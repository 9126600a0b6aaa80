"""The door: ``python render.py COMMAND …``. What is behind it stands in rendering/cli.py."""

import sys

try:
    from chainreel.rendering.cli import main
except ModuleNotFoundError as missing:
    if (missing.name or "").split(".")[0] == "chainreel" and (missing.name or "").count(".") > 1:
        raise
    sys.exit(
        f"render.py: {missing.name} is not installed for this Python; use ./chainreel, which installs it."
    )

if __name__ == "__main__":
    sys.exit(main())
