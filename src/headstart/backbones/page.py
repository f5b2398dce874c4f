"""The records as a table for the documentation: `python -m headstart.backbones.page docs/backbones.md`.

With a file, what stands between its two marks is replaced; without, the table is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from headstart.backbones import catalogue
from headstart.backbones.records import Backbone

BEGIN = "<!-- records: begin -->"
END = "<!-- records: end -->"

_HEAD = (
    "| name | pixels | smallest | parameters (M) | multiply-adds (G) | "
    "features | ImageNet top-1 | input | weights |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |\n"
)


def table() -> str:
    """Every record as a line of a Markdown table."""
    return _HEAD + "".join(_line(backbone) for backbone in catalogue.all_backbones())


def fill(page: str) -> str:
    """A page with the table between its marks.

    Raises:
        ValueError: If the page lacks a mark.
    """
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"The page needs the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}{END}{after}"


def _line(backbone: Backbone) -> str:
    top1 = f"{backbone.top1:.3f}" if backbone.top1 is not None else ""
    package = backbone.weights.package
    source = f"package `{package.replace('_', '-')}`" if package else f"`{backbone.weights.name}`"
    cells = (
        f"`{backbone.name}`",
        str(backbone.input_size),
        str(backbone.smallest),
        f"{backbone.parameters / 1e6:.2f}",
        f"{backbone.multiply_adds / 1e9:.2f}",
        str(backbone.width),
        top1,
        backbone.preprocessing,
        source,
    )
    return f"| {' | '.join(cells)} |\n"


def main(paths: list[str]) -> int:
    """Prints the table, or writes it into the pages named."""
    if not paths:
        print(table(), end="")
    for path in map(Path, paths):
        path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
