"""How many made twins are found, and how many pairs real pictures are said to hold.

    python bench/twins.py ../shared/data/cats_dogs ../shared/data/solar_cells

Some pictures of each set are cropped, mirrored, re-encoded and so on; each kind of change is put beside
the whole set in turn, and counts as found where the twin is connected with the picture that it was made
of. The table is printed and put into docs/twins.md.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import made_twins
from headstart.backbones import build_trunk, find
from headstart.core.numbers import share
from headstart.features.extract import extract
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.pictures import Part, Pictures, find_twins, open_pictures, split
from headstart.pictures.chains import connected

PAGE = Path(__file__).resolve().parents[1] / "docs" / "twins.md"
START, END = "<!-- bench/twins.py -->", "<!-- end -->"


@dataclass(frozen=True)
class Column:
    """One data set's part of the table."""

    name: str
    pictures: int
    pairs: int
    in_twins: int
    largest: int
    across: int
    share: float
    found: dict[str, tuple[int, int]]


def measure(
    pictures: Pictures, features: Features, twins: Features, owners: list[int], kinds: list[str]
) -> Column:
    kept = {int(index): row for row, index in enumerate(features.kept)}
    labels = pictures.labels[features.kept]
    pairs = find_twins(features.contents, features.fingerprints, features.matrix)
    groups = connected(len(labels), np.array([(pair.first, pair.second) for pair in pairs]).reshape(-1, 2))
    sizes = np.bincount(groups)
    free = split(labels, None, None, pairs, class_names=pictures.class_names)
    across = 0
    if pictures.parts is not None:
        parts = [pictures.parts[index] for index in features.kept]
        across = sum((parts[p.first] is Part.TRAIN) != (parts[p.second] is Part.TRAIN) for p in pairs)
    found: dict[str, tuple[int, int]] = {}
    for kind in dict.fromkeys(kinds):
        rows = [row for row, index in enumerate(twins.kept) if kinds[index] == kind]
        together = find_twins(
            [*features.contents, *(twins.contents[row] for row in rows)],
            [*features.fingerprints, *(twins.fingerprints[row] for row in rows)],
            np.concatenate([features.matrix, twins.matrix[rows]]),
        )
        edges = np.array([(pair.first, pair.second) for pair in together]).reshape(-1, 2)
        joined = connected(len(labels) + len(rows), edges)
        hits = sum(
            bool(joined[kept[owners[int(twins.kept[row])]]] == joined[len(labels) + place])
            for place, row in enumerate(rows)
        )
        found[kind] = (hits, len(rows))
    return Column(
        name=pictures.root.name,
        pictures=len(labels),
        pairs=len(pairs),
        in_twins=int(sizes[sizes > 1].sum()),
        largest=int(sizes.max()) if pairs else 0,
        across=across,
        share=len(free.validation) / len(labels),
        found=found,
    )


def table(columns: list[Column], backbone: str, count: int) -> str:
    lines = [
        f"{backbone}, f32, at most {count} twins of each kind; share found, with its 95 % interval.",
        "",
        "| kind of twin | " + " | ".join(f"{one.name} ({one.pictures:,})" for one in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for kind in made_twins.CHANGES:
        cells = []
        for one in columns:
            hits, made = one.found[kind]
            interval = share(hits, made)
            cells.append(f"{interval.value:.3f} ({interval.low:.2f} to {interval.high:.2f})")
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    facts = {
        "pairs among the set's own pictures": [str(one.pairs) for one in columns],
        "pictures in them": [str(one.in_twins) for one in columns],
        "largest group": [str(one.largest) for one in columns],
        "pairs across the given parts": [str(one.across) for one in columns],
        "validation share of an 80/20 split": [f"{one.share:.3f}" for one in columns],
    }
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in facts.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--print-only", action="store_true", help="leave docs/twins.md as it is")
    options = parser.parse_args()
    trunk = build_trunk(find(options.backbone))
    columns = []
    with Store() as store:
        for folder in options.sets:
            pictures = open_pictures(folder)
            features = extract(list(pictures.paths), trunk, store, precision="f32")
            chance = np.random.default_rng(1)
            some = np.sort(chance.permutation(features.kept)[: options.count]).tolist()
            kinds = [kind for kind in made_twins.CHANGES for _ in some]
            owners = some * len(made_twins.CHANGES)
            files = [
                made_twins.make(pictures.paths[owner].read_bytes(), kind, owner)
                for kind, owner in zip(kinds, owners, strict=True)
            ]
            twins = extract(files, trunk, store, precision="f32")
            columns.append(measure(pictures, features, twins, owners, kinds))
    text = table(columns, options.backbone, options.count)
    print(text)
    if not options.print_only:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(START)
        PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
