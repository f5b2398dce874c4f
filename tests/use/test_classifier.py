"""HeadstartClassifier: scikit-learn's contract on features, and its tools on pictures."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from headstart import HeadstartClassifier
from headstart.core.errors import BackboneError, InputError, PicturesError
from headstart.features import extract as extracting
from headstart.use.demo import draw
from headstart.use.inputs import pictures_in


@parametrize_with_checks([HeadstartClassifier(), HeadstartClassifier(strength=0.1, class_weight="balanced")])
def test_keeps_scikit_learns_contract(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drawn")
    draw(folder, pictures=48, seed=1)
    return sorted(folder.rglob("*.jpg"))


@pytest.fixture
def labels(paths: list[Path]) -> list[str]:
    return [path.parent.name for path in paths]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filled")


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest, home: Path, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One store for all tests but those that count what is computed."""
    if "passes" not in request.fixturenames:
        monkeypatch.setenv("HEADSTART_HOME", str(filled))


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many pictures each trunk pass computed."""
    done: list[int] = []
    original = extracting.run_pass

    def counted(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        done.append(result.computed)
        return result

    monkeypatch.setattr(extracting, "run_pass", counted)
    return done


def small(**settings: Any) -> HeadstartClassifier:
    """An estimator that is quick on few pictures; f32, so that no precision is tried first."""
    return HeadstartClassifier(**{"precision": "f32", "strength": 1e-3, **settings})


def test_learns_from_paths_and_keeps_its_labels(paths: list[Path], labels: list[str]) -> None:
    model = small().fit(paths, labels)
    assert model.classes_.tolist() == ["bear", "cat"]
    assert model.maker_.precision == "f32"
    assert not hasattr(model, "n_features_in_")
    assert model.score(paths, labels) > 0.9
    probabilities = model.predict_proba([str(path) for path in paths[:5]])
    assert probabilities.shape == (5, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert (model.predict(np.array([str(p) for p in paths[:5]])) == model.predict(tuple(paths[:5]))).all()


def test_pixels_and_lossless_files_of_them_give_the_same(
    paths: list[Path], labels: list[str], tmp_path: Path
) -> None:
    pixels, files = [], []
    for i, path in enumerate(paths):
        with Image.open(path) as picture:
            pixels.append(np.asarray(picture))
            files.append(tmp_path / f"{i}.png")
            picture.save(files[-1])
    stack = np.stack(pixels)
    from_pixels = small().fit(stack, labels).predict_proba(stack)
    from_files = small().fit(files, labels).predict_proba(files)
    np.testing.assert_allclose(from_pixels, from_files, atol=1e-6)


def test_pixels_are_not_changed_on_their_way() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 7, 3), dtype=np.uint8)
    files = pictures_in(pixels)
    assert files is not None
    for file, own in zip(files, pixels, strict=True):
        assert isinstance(file, bytes)
        with Image.open(io.BytesIO(file)) as picture:
            assert (np.asarray(picture) == own).all()


def test_cross_validation_runs_the_backbone_once_a_picture(
    paths: list[Path], labels: list[str], passes: list[int]
) -> None:
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    scores = cross_val_score(small(), paths, labels, cv=folds)
    assert scores.mean() > 0.75
    assert sum(passes) == len(paths)
    assert (cross_val_score(small(), paths, labels, cv=folds) == scores).all()
    assert sum(passes) == len(paths)


def test_pipeline_and_grid_search_take_paths(paths: list[Path], labels: list[str], passes: list[int]) -> None:
    names = [str(path) for path in paths]
    pipeline = Pipeline([("same", FunctionTransformer()), ("classify", small())])
    search = GridSearchCV(pipeline, {"classify__strength": [1e-5, 1e-2]}, cv=3).fit(names, labels)
    assert search.best_params_["classify__strength"] in (1e-5, 1e-2)
    assert search.predict(names[:2]).shape == (2,)
    assert sum(passes) == len(paths)


def test_clone_and_pickle(paths: list[Path], labels: list[str]) -> None:
    model = small(class_weight="balanced", seed=3).fit(paths, labels)
    fresh = clone(model)
    assert fresh.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(paths)
    data = pickle.dumps(model)
    # Two classes by 1,280 features in float32, not the backbone's millions.
    assert len(data) < 40_000
    assert (pickle.loads(data).predict_proba(paths) == model.predict_proba(paths)).all()
    assert (fresh.fit(paths, labels).predict_proba(paths) == model.predict_proba(paths)).all()


@pytest.mark.slow
def test_a_pickle_answers_in_another_process(paths: list[Path], labels: list[str], tmp_path: Path) -> None:
    model = small().fit(paths, labels)
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    code = (
        "import pickle, sys; model = pickle.load(open(sys.argv[1], 'rb'));"
        "print(model.predict_proba(sys.argv[2:]).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.pickle"), str(paths[0]), str(paths[-1])],
        check=True,
        capture_output=True,
        text=True,
    )
    answer = np.array(json.loads(done.stdout.splitlines()[-1]))
    np.testing.assert_allclose(answer, model.predict_proba([paths[0], paths[-1]]), atol=1e-12)


def test_an_unreadable_picture_is_named(paths: list[Path], labels: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "broken.jpg"
    bad.write_text("no picture at all", encoding="utf-8")
    with pytest.raises(PicturesError, match=r"broken\.jpg \(not a picture"):
        small().fit([*paths, bad], [*labels, "cat"])
    model = small().fit(paths, labels)
    with pytest.raises(PicturesError, match=r"broken\.jpg") as caught:
        model.predict([paths[0], bad])
    assert "--strict" not in str(caught.value)
    with pytest.raises(PicturesError, match=r"gone\.jpg"):
        model.predict([tmp_path / "gone.jpg"])


def test_copies_are_held_out_together(
    paths: list[Path], labels: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.use import classifier

    copy = tmp_path / "copy.jpg"
    shutil.copyfile(paths[0], copy)
    given: list[Any] = []
    original = classifier.train_linear
    monkeypatch.setattr(
        classifier, "train_linear", lambda *a, **k: (given.append(k["groups"]), original(*a, **k))[1]
    )
    small().fit(paths, labels)
    small().fit([*paths, copy], [*labels, labels[0]])
    assert given[0] is None
    assert given[1][0] == given[1][-1]
    assert len(np.unique(given[1])) == len(paths)


def test_weights_for_labels_move_the_decisions(paths: list[Path], labels: list[str]) -> None:
    lopsided = small(class_weight={"bear": 1.0, "cat": 1000.0}, strength=1e-6).fit(paths, labels)
    plain = small(strength=1e-6).fit(paths, labels)
    assert (lopsided.predict(paths) == "cat").sum() > (plain.predict(paths) == "cat").sum()


@pytest.mark.parametrize(
    ("x", "match"),
    [
        ("a.jpg", "single path"),
        (np.zeros((2, 4, 4, 3), np.float32), "float32"),
        (np.zeros((2, 4, 4, 1), np.uint8), r"\(2, 4, 4, 1\)"),
        (np.zeros((2, 0, 4, 3), np.uint8), r"\(2, 0, 4, 3\)"),
    ],
)
def test_says_what_x_may_be(x: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        HeadstartClassifier().fit(x, [0, 1])


def test_pictures_and_features_do_not_mix(paths: list[Path], labels: list[str]) -> None:
    table = np.random.default_rng(0).normal(size=(len(paths), 4))
    model = small().fit(table, labels)
    assert (model.maker_, model.n_features_in_) == (None, 4)
    with pytest.raises(InputError, match="features, as it did in fit"):
        model.predict(paths)
    with pytest.raises(InputError, match="pictures, as it did in fit"):
        model.fit(paths, labels).predict(table)


def test_bad_labels_and_settings(paths: list[Path]) -> None:
    with pytest.raises(InputError, match="one class, 'cat'"):
        small().fit(paths[:2], ["cat", "cat"])
    with pytest.raises(InputError, match="a label for each"):
        small().fit(paths[:2], None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small().fit(paths[:3], ["cat", "bear"])
    with pytest.raises(BackboneError, match="efficientnet-lite0"):
        small(backbone="efficientnet-lite00").fit(paths[:2], ["cat", "bear"])
