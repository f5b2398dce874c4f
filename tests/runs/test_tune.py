"""`--fine-tune` and `--views`, from drawn pictures to a run folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headstart.cli import main
from headstart.runs.settings import Settings
from headstart.runs.train import train_run
from headstart.use.demo import draw
from headstart.use.evaluate import evaluate_run


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=100, seed=7)
    return folder


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.getbasetemp() / "store-of-test-tune"
    monkeypatch.setenv("HEADSTART_HOME", str(folder))
    return folder


@pytest.mark.gradients
def test_fine_tuning_is_measured_before_and_after(drawn: Path, home: Path, tmp_path: Path) -> None:
    settings = Settings(pictures=str(drawn), fine_tune="auto", views=2, epochs=3, precision="f32")
    run = train_run(settings, output=tmp_path, name="run")
    tuned = run.metrics["fine_tune"]
    assert (tuned["from"], tuned["views"], tuned["epochs"]) == ("block11_expand_conv", 2, 3)
    assert tuned["kept"] == (tuned["log_loss_after"]["value"] <= tuned["log_loss_before"]["value"])
    side = "after" if tuned["kept"] else "before"
    for metric in ("accuracy", "log_loss"):
        assert run.metrics[metric]["value"] == pytest.approx(tuned[f"{metric}_{side}"]["value"])
    assert tuned["kept"] == (run.metrics["head"]["kind"] == "fine-tuned")
    assert run.metrics["saved_model"]["largest_difference"] < 0.01
    assert "Fine-tuned from block11_expand_conv on" in run.report_path.read_text(encoding="utf-8")
    found = evaluate_run(run, drawn)
    assert found.accuracy.n == 100
    assert found.accuracy.value > 0.85


@pytest.mark.gradients
def test_the_layers_behind_the_cut_move_and_no_others(drawn: Path, home: Path, tmp_path: Path) -> None:
    from headstart.core import backend

    keras = backend.ensure(gradients=True)
    runs = [
        train_run(
            Settings(pictures=str(drawn), fine_tune=tuned, views=1, epochs=2, precision="f32"),
            output=tmp_path,
            name=f"run{tuned}",
        )
        for tuned in ("", "2")
    ]
    plain, tuned = (keras.models.load_model(run.model_path) for run in runs)
    moved = [
        one.name
        for one, other in zip(plain.layers, tuned.layers, strict=True)
        if any((a != b).any() for a, b in zip(one.get_weights(), other.get_weights(), strict=True))
    ]
    kept = runs[1].metrics["fine_tune"]["kept"]
    behind = {"block15_project_conv", "head_conv", "probabilities"}
    assert moved == [] or set(moved) <= behind
    assert kept == bool(set(moved) - {"probabilities"})


@pytest.mark.gradients
def test_the_trunk_that_came_stays_as_it_was(drawn: Path, home: Path) -> None:
    """A run that is repeated in another precision must not begin from a backbone already trained."""
    from headstart import backbones
    from headstart.backbones.keys import of_model
    from headstart.core import backend
    from headstart.core.clock import Clock
    from headstart.core.progress import Silence
    from headstart.core.stopping import Stop
    from headstart.features.housekeeping import open_store
    from headstart.heads.linear import train_linear
    from headstart.pictures import open_pictures
    from headstart.runs.look import look
    from headstart.runs.tune import fine_tune

    backend.ensure(gradients=True)
    settings = Settings(pictures=str(drawn), fine_tune="2", views=1, epochs=2, precision="f32")
    trunk = backbones.build_trunk(backbones.find(settings.backbone))
    voice, clock = Silence(), Clock()
    with open_store(voice.warn) as store:
        pictures = open_pictures(settings.pictures)
        data = look(settings, "f32", pictures, trunk, store, Stop(None), clock, voice)
        rows = data.part("train")
        head = train_linear(data.features.matrix[rows], data.pictures.labels[rows], 2)
        _, tuned, _, record = fine_tune(settings, data, trunk, head, store, clock, voice)
    assert of_model(trunk.model) == trunk.key
    assert (tuned.key != trunk.key) == record.kept


def test_views_are_computed_once_and_serve_the_linear_head(drawn: Path, home: Path, tmp_path: Path) -> None:
    settings = Settings(pictures=str(drawn), views=3)
    first = train_run(settings, output=tmp_path, name="first")
    again = train_run(settings, output=tmp_path, name="again")
    plain = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="plain")
    assert first.metrics["log_loss"] == again.metrics["log_loss"]
    assert first.metrics["log_loss"] != plain.metrics["log_loss"]
    assert first.metrics["accuracy"]["value"] >= 0.8
    assert first.metrics["pictures"] == plain.metrics["pictures"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fine-tune", "auto", "--head", "mlp"], "--fine-tune goes with the linear head"),
        (["--views", "-1"], "--views must be at least 1"),
        (["--views", "1000"], "--views must be at most"),
    ],
)
def test_mistakes_get_a_sentence(
    options: list[str], said: str, drawn: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(drawn), *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.gradients
def test_a_block_that_does_not_exist_gets_a_sentence(
    drawn: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", str(drawn), "--fine-tune", "block99", "--output", str(tmp_path), "--name", "run"]
    assert main(arguments) == 2
    assert "nearest names" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_without_a_backend_for_gradients_the_extra_is_named(
    drawn: Path,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("headstart.core.backend.GRADIENT_BACKENDS", ())
    assert main(["train", str(drawn), "--fine-tune", "auto", "--output", str(tmp_path)]) == 2
    assert "backend" in capsys.readouterr().err


@pytest.mark.gradients
def test_the_tail_learns_what_the_head_alone_cannot() -> None:
    """A rule that no linear head on the pooled map can hold, and one more layer can."""
    from headstart.core import backend
    from headstart.heads.tail import Task, features_of, tune_tail

    keras = backend.ensure(gradients=True)
    draw = np.random.default_rng(0)
    maps = (3 * draw.normal(size=(800, 3, 3, 4))).astype(np.float16)
    labels = (maps[..., 0].mean(axis=(1, 2)) * maps[..., 1].mean(axis=(1, 2)) > 0).astype(np.int64)
    given = keras.Input((3, 3, 4))
    values = keras.layers.GlobalAveragePooling2D()(given)
    values = keras.layers.Dense(32, activation="tanh")(values)
    upper = keras.Model(given, values)
    flat = maps.reshape(800, -1)
    shape = (3, 3, 4)
    before = features_of(upper, flat, shape)
    tuned = tune_tail(upper, Task(before, [flat], labels, 2, shape), epochs=40, rate=0.02)
    after = features_of(upper, flat, shape)
    right = (tuned.head.probabilities(after).argmax(axis=1) == labels).mean()
    assert right > 0.85
    assert json.dumps(dict(tuned.head.chosen))
