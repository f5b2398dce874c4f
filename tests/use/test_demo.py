"""The demo's pictures: repeatable, quick, and told apart by shape alone."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.use.demo import CLASSES, draw


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    draw(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.jpg"))}


def labelled(folder: Path) -> tuple[list[Path], np.ndarray]:
    paths = sorted(folder.rglob("*.jpg"))
    return paths, np.array([CLASSES.index(p.parent.name) for p in paths])


def test_gives_400_upright_rgb_jpegs_in_two_even_classes(drawn: Path) -> None:
    assert sorted(p.name for p in drawn.iterdir()) == list(CLASSES)
    for name in CLASSES:
        assert len(list((drawn / name).iterdir())) == 200
    for path in list(drawn.rglob("*"))[::50]:
        if path.is_file():
            with Image.open(path) as picture:
                assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (256, 256))


def test_no_two_pictures_are_the_same(drawn: Path) -> None:
    found = contents(drawn)
    assert len(set(found.values())) == len(found) == 400


def test_a_seed_gives_the_same_bytes_and_more_pictures_begin_with_them(tmp_path: Path) -> None:
    draw(tmp_path / "a", pictures=7, seed=3)
    draw(tmp_path / "b", pictures=10, seed=3)
    draw(tmp_path / "c", pictures=7, seed=4)
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert len(a) == 7
    assert len(b) == 10
    assert a.items() <= b.items()
    assert a.keys() == c.keys()
    assert all(a[name] != c[name] for name in a)


def test_400_pictures_are_drawn_within_seconds(tmp_path: Path) -> None:
    began = time.perf_counter()
    draw(tmp_path, pictures=100)
    # Three seconds for 400 on two quiet cores; the rest is for a busy machine.
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize("cells", [1, 3])
def test_mean_colours_tell_nothing(drawn: Path, cells: int) -> None:
    paths, labels = labelled(drawn)
    means = []
    for path in paths:
        with Image.open(path) as picture:
            means.append(np.asarray(picture.resize((cells, cells), Image.Resampling.BOX)).ravel() / 255)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    accuracy = cross_val_score(model, np.array(means), labels, cv=10).mean()
    # Two deviations of 400 coin throws are 0.05.
    assert 0.38 < accuracy < 0.58


@pytest.mark.slow
def test_a_backbone_sees_the_ears_but_not_every_one(drawn: Path, home: Path) -> None:
    from headstart.backbones import build_trunk, find
    from headstart.core import backend
    from headstart.features.extract import extract
    from headstart.features.store import Store
    from headstart.heads.folds import make_folds
    from headstart.heads.linear import train_linear

    paths, labels = labelled(drawn)
    backend.ensure()
    with Store(home) as store:
        features = extract(paths, build_trunk(find("efficientnet-lite0")), store, precision="f32").matrix
    right = np.zeros(len(labels), bool)
    for train, held in make_folds(labels, None, 0):
        head = train_linear(features[train], labels[train], 2)
        right[held] = head.probabilities(features[held]).argmax(axis=1) == labels[held]
    assert 0.93 <= right.mean() < 1.0
