"""Makes the lock files anew: `python requirements/lock.py` (needs uv; `--upgrade` takes newer pins).

TensorFlow is resolved first and its pins hold for the others, so that all three files install together.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILE = (
    *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate"),
)

FILES = {
    "tensorflow.txt": ("--extra", "tensorflow", "--constraints", "requirements/floors.in"),
    "base.txt": ("--constraints", "requirements/tensorflow.txt"),
    "dev.txt": ("--group", "dev", "--constraints", "requirements/tensorflow.txt"),
}
"""Each file with what it holds beyond the default install."""


def main(options: list[str]) -> None:
    """Compiles every file; `options` go to uv as they are."""
    for name, chosen in FILES.items():
        target = HERE / name
        subprocess.run(
            [*COMPILE, *chosen, *options, "--output-file", str(target.relative_to(HERE.parent))],
            cwd=HERE.parent,
            check=True,
        )
        # Read as text and written in bytes: the same file on every system, whatever its line ends.
        target.write_bytes("\n".join(target.read_text(encoding="utf-8").splitlines()).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
