from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headstart.pictures import TwinPair, find_twins, open_pictures, split
from headstart.pictures.chains import connected

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("store")


def looked_at(folder: Path, store_folder: Path) -> tuple[list[str], np.ndarray, tuple[TwinPair, ...], float]:
    """File names, labels, twins, and the share that validates in a free 80/20 split."""
    from headstart.backbones import build_trunk, find
    from headstart.features.extract import extract
    from headstart.features.store import Store

    pictures = open_pictures(folder)
    with Store(store_folder) as store:
        found = extract(list(pictures.paths), build_trunk(find("efficientnet-lite0")), store, precision="f32")
    twins = find_twins(found.contents, found.fingerprints, found.matrix)
    labels = pictures.labels[found.kept]
    parted = split(labels, None, None, twins, class_names=pictures.class_names)
    shares = [np.mean(labels[parted.validation] == label) for label in range(len(pictures.class_names))]
    assert np.ptp(shares) < 0.02
    return [path.name for path in pictures.paths], labels, twins, len(parted.validation) / len(labels)


def test_the_one_known_pair_of_cats_and_dogs(shared: Path, store_folder: Path) -> None:
    names, _, twins, share = looked_at(shared / "data" / "cats_dogs", store_folder)
    assert [(names[pair.first], names[pair.second]) for pair in twins] == [("dog.74.jpg", "dog.180.jpg")]
    assert twins[0].similarity > 0.9
    assert share == pytest.approx(0.2, abs=0.002)


def test_solar_cells_that_look_alike_are_no_lump(shared: Path, store_folder: Path) -> None:
    names, _, twins, share = looked_at(shared / "data" / "solar_cells", store_folder)
    assert len(twins) <= 4
    assert share == pytest.approx(0.2, abs=0.005)
    assert len(names) == 800


def test_what_the_web_holds_twice(shared: Path, store_folder: Path) -> None:
    names, labels, twins, share = looked_at(shared / "data" / "alien_predator", store_folder)
    assert 40 <= len(twins) <= 120
    groups = connected(len(names), np.array([(pair.first, pair.second) for pair in twins]))
    assert np.bincount(groups).max() <= 8
    assert all(labels[pair.first] == labels[pair.second] for pair in twins)
    assert share == pytest.approx(0.2, abs=0.005)
