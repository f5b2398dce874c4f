"""The page: whole, escaped, small, true to its data, and without what is not there."""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from headstart.core.numbers import share
from headstart.pictures.records import Skipped
from headstart.runs.metrics import CurvePoint, Metrics, measure
from headstart.runs.report import Agreement, Epoch, Made, Mistake, ReportData, Stage, Twin, render, thumbnail

VOID = {"meta", "link", "img", "br", "input", "hr"}
NASTY = "<img src=x onerror=alert(1)> \"q\" 'a' & åß猫 {{ 7*7 }}"
SECTIONS = ("made", "epochs", "learning", "confusion", "classes", "calibration", "mistakes", "twins")
SECTIONS += ("skipped", "time", "agreement", "reuse", "settings")


def picture(seed: int = 0, height: int = 224, width: int = 224) -> str:
    # Noise makes the largest JPEG there is: the bound on size then holds for any picture.
    return thumbnail(np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8))


def metrics_of(k: int = 2, n: int = 400, names: list[str] | None = None) -> Metrics:
    rng = np.random.default_rng(k)
    logits = 4.0 * rng.normal(size=(n, k))
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    labels = (p.cumsum(1) > rng.random((n, 1))).argmax(1)
    return measure(p, labels, names or [f"class {i}" for i in range(k)])


def full(**changes: object) -> ReportData:
    """A report that has every section."""
    data = ReportData(
        title="cats_dogs",
        created=datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
        version="0.1.0",
        run="runs/2026-05-04-efficientnet-lite0",
        part="validation",
        metrics=metrics_of(),
        made=Made(
            backbone="efficientnet-lite0",
            weights="in the box",
            engine="OpenVINO, 2 threads",
            precision="f32",
            head="logistic regression, C = 0.01",
            layout="class folders: cats, dogs",
            split="stratified 80/20, seed 0",
            train=1600,
            validation=400,
            test=0,
            width=224,
            height=240,
        ),
        notes=("A note that matters.",),
        epochs=tuple(Epoch(i, 1.0 / i, 1.1 / i, 1 - 0.5 / i, 1 - 0.6 / i) for i in range(1, 9)),
        best_epoch=6,
        learning_curve=tuple(CurvePoint(n, share(int(a * 400), 400)) for n, a in ((100, 0.9), (1600, 0.95))),
        mistakes=(Mistake("cats/a.jpg", "cats", "dogs", 0.987, picture()),),
        twins=(Twin("a.jpg", "b.jpg", picture(1), picture(2), "near-identical", 0.9912, "mirror image"),),
        twins_found=3,
        twins_moved=2,
        skipped=(Skipped(Path("cats/broken.jpg"), "the file is empty"),),
        stages=(Stage("reading", 1.0), Stage("features", 8.0)),
        seconds=12.0,
        agreement=Agreement(64, 0.00042, 0, 0.01),
        settings=(("seed", "0"),),
        versions=(("Python", "3.12"),),
    )
    return dataclasses.replace(data, **changes)  # type: ignore[arg-type]


class Balance(HTMLParser):
    """Follows start and end tags, collects what a page would load and the ids that it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        assert len(said) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append(tag)
        self.loads += [
            said[name] or "" for name in ("src", "href", "srcset", "action", "data") if name in said
        ]
        self.ids += [v or "" for k, v in attrs if k == "id"]
        self.labelled += (said.get("aria-labelledby") or "").split()
        assert not [k for k in said if k.startswith("on")], said
        if tag == "img":
            self.images.append(said)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(page: str) -> Balance:
    reader = Balance()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def words(page: str) -> str:
    """What is there to read, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.split("</style>")[1])).split())


def test_page_is_well_formed_and_loads_nothing() -> None:
    page = render(full())
    reader = parsed(page)
    assert page.startswith("<!doctype html>")
    assert "script" not in reader.tags
    assert all(one.startswith("data:") for one in reader.loads), reader.loads
    assert not re.search(r"https?://|url\(|@import|//[a-z0-9-]+\.[a-z]{2,}", page)
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.labelled) <= set(reader.ids)
    assert all(image["alt"] for image in reader.images)
    assert reader.tags.count("title") == 1 + reader.tags.count("desc")
    assert reader.tags.count("h1") == 1


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_there_where_its_data_is(section: str) -> None:
    assert f'id="{section}"' in render(full())


@pytest.mark.parametrize(
    ("section", "changes"),
    [
        ("epochs", {"epochs": ()}),
        ("learning", {"learning_curve": (CurvePoint(100, share(9, 10)),)}),
        ("mistakes", {"mistakes": ()}),
        ("twins", {"twins": (), "twins_found": 0}),
        ("skipped", {"skipped": ()}),
        ("time", {"stages": (), "seconds": 0.0}),
        ("agreement", {"agreement": None}),
        ("settings", {"settings": (), "versions": ()}),
    ],
)
def test_a_section_without_data_is_left_out(section: str, changes: dict[str, object]) -> None:
    page = render(full(**changes))
    parsed(page)
    assert f'id="{section}"' not in page
    assert sum(f'id="{one}"' in page for one in SECTIONS) == len(SECTIONS) - 1


def test_sections_stand_in_their_order() -> None:
    page = render(full())
    places = [page.index(f'id="{one}"') for one in SECTIONS]
    assert places == sorted(places)


def test_numbers_are_those_of_the_data() -> None:
    data = full()
    read, m = words(render(data)), data.metrics
    assert f"{100 * m.accuracy.value:.1f} % of 400 validation pictures" in read
    assert f"95 % interval {100 * m.accuracy.low:.1f} to {100 * m.accuracy.high:.1f} %" in read
    assert (
        f"always answering ‘ {m.majority_class} ’ would be right {100 * m.majority_share.value:.1f} %" in read
    )
    assert f"Log loss {m.log_loss.value:.3f}" in read
    for row, one in zip(m.confusion, m.classes, strict=True):
        assert f"{one.name} {row[0]} {row[1]} {row.sum()}" in read
    assert "3 pairs" in read
    assert "2 pictures moved or left out" in read
    assert "compared on 64 pictures" in read
    assert "0.00042" in read
    assert "no decision changed" in read
    assert "everything else 3.0 s 25 %" in read
    assert "headstart predict runs/2026-05-04-efficientnet-lite0" in read
    assert "shape (n, 240, 224, 3)" in read
    assert "called dogs , 98.7 % labelled cats cats/a.jpg" in read


def test_what_comes_from_outside_is_escaped() -> None:
    m = metrics_of(3, names=[NASTY, NASTY + "2", "plain"])
    page = render(
        full(
            title=NASTY,
            metrics=m,
            run=NASTY,
            notes=(NASTY,),
            mistakes=(Mistake(NASTY, NASTY, NASTY, 0.9, picture()),),
            twins=(Twin(NASTY, NASTY, picture(), picture(), "identical", 1.0, NASTY),),
            skipped=(Skipped(Path(NASTY), NASTY),),
            stages=(Stage(NASTY, 1.0),),
            settings=((NASTY, NASTY),),
            versions=((NASTY, NASTY),),
        )
    )
    reader = parsed(page)
    assert "<img src=x" not in page
    assert {image["src"] for image in reader.images} == {picture()}
    assert sum(NASTY in one for one in reader.texts) >= 10


def test_a_file_name_that_is_no_text_can_be_written() -> None:
    page = render(full(skipped=(Skipped(Path("cats/\udce9t\udce9.jpg"), "unreadable"),)))
    page.encode("utf-8")
    assert "cats/\\udce9t\\udce9.jpg" in page


def test_a_thousand_classes_fit() -> None:
    names = [f"{i:04d} a species with a rather long name that goes on ü" for i in range(1000)]
    mistakes = tuple(Mistake(f"{i}.jpg", names[i], names[i + 1], 0.9, picture(i)) for i in range(60))
    twins = tuple(Twin("a", "b", picture(i), picture(-i - 1 + 999), "identical", 1.0) for i in range(40))
    skipped = tuple(Skipped(Path(f"folder/{i}.jpg"), "the file is empty") for i in range(5000))
    page = render(
        full(
            metrics=metrics_of(1000, 5000, names),
            mistakes=mistakes,
            twins=twins,
            skipped=skipped,
            twins_found=40,
        )
    )
    reader = parsed(page)
    assert len(page.encode()) < 2_000_000
    assert len(reader.images) == 24 + 2 * 12
    read = words(page)
    assert "5 000 files could not be used" in read
    assert "of 1 000 classes that take part in most mistakes" in read
    assert names[999] in read


@pytest.mark.parametrize("n", [0, 1])
def test_few_or_no_pictures(n: int) -> None:
    m = measure(np.full((n, 2), 0.5), np.zeros(n, np.int64), ["a", "b"])
    page = render(full(metrics=m, mistakes=()))
    parsed(page)
    assert "nan" not in words(page).lower().split()
    if n == 0:
        assert "Nothing was measured" in page


def test_curves_leave_out_what_is_not_finite() -> None:
    broken = tuple(Epoch(i, float("nan"), float("inf"), 0.5, 0.5) for i in range(1, 4))
    page = render(full(epochs=broken))
    parsed(page)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page)
    one = (Epoch(1, 0.5, 0.6, 0.8, 0.7),)
    parsed(render(full(epochs=one, best_epoch=1)))


def test_a_run_path_with_a_space_is_one_argument() -> None:
    read = words(render(full(run="my runs/last one")))
    assert 'headstart predict "my runs/last one"' in read
    assert "load_model('my runs/last one/model.keras')" in read


@pytest.mark.parametrize("shape", [(300, 100), (16, 16), (1, 500)])
def test_thumbnail_is_a_small_jpeg(shape: tuple[int, int]) -> None:
    import base64
    import io

    from PIL import Image

    uri = thumbnail(np.full((*shape, 3), 200, np.uint8))
    head, body = uri.split(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(body))) as image:
        assert max(image.size) == min(128, max(shape))
        assert image.mode == "RGB"
