"""The main path, from drawn pictures to a run folder and back."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.core.errors import RunError
from headstart.runs.folder import open_run
from headstart.runs.settings import Settings, read_config
from headstart.runs.train import train_run
from headstart.use.demo import draw
from headstart.use.evaluate import evaluate_run
from headstart.use.predict import predict_files


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=120, seed=3)
    (folder / "bear" / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One store for this file's tests, so that the trunk pass is paid once."""
    folder = tmp_path_factory.getbasetemp() / "store-of-test-train"
    monkeypatch.setenv("HEADSTART_HOME", str(folder))
    return folder


def test_a_folder_becomes_a_run(drawn: Path, store: Path, tmp_path: Path) -> None:
    before = _digest(drawn)
    run = train_run(Settings(pictures=str(drawn)), output=tmp_path / "runs", name="first")
    assert _digest(drawn) == before
    assert run.class_names == ("bear", "cat")
    assert run.metrics["accuracy"]["value"] > 0.8
    assert run.metrics["accuracy"]["n"] == 24
    assert run.metrics["saved_model"]["n"] >= 64
    assert run.metrics["saved_model"]["largest_difference"] < 0.01
    names = {p.name for p in run.folder.iterdir()}
    expected = (
        "model.keras labels.json metrics.json predictions.csv history.csv split.csv skipped.csv config.toml"
    )
    assert {*expected.split(), "report.html", "run.json"} == names
    with (run.folder / "skipped.csv").open(encoding="utf-8") as file:
        assert [Path(row["path"]).name for row in csv.DictReader(file)] == ["broken.jpg"]
    assert (tmp_path / "runs" / "last" / "labels.json").is_file()

    again = train_run(
        Settings(**read_config(run.folder / "config.toml")), output=tmp_path / "runs", name="second"
    )
    assert again.metrics["features"]["computed"] == 0
    for key in ("accuracy", "log_loss", "confusion", "head", "calibration_error"):
        assert again.metrics[key] == run.metrics[key]
    with pytest.raises(RunError, match="never overwritten"):
        train_run(Settings(pictures=str(drawn)), output=tmp_path / "runs", name="second")


def test_predict_and_evaluate_agree_with_training(drawn: Path, store: Path, tmp_path: Path) -> None:
    run = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run")
    with (run.folder / "predictions.csv").open(encoding="utf-8") as file:
        written = {row["path"]: float(row["p_bear"]) for row in csv.DictReader(file)}
    found = {str(p.path): p for p in predict_files(open_run(tmp_path / "last"), [drawn])}
    for path, probability in written.items():
        assert found[path].probabilities[0] == pytest.approx(probability, abs=1e-5)
    bad = found[str(drawn / "bear" / "broken.jpg")]
    assert (bad.label, bool(bad.error)) == ("", True)
    metrics = evaluate_run(run, drawn)
    assert metrics.accuracy.n == 120
    assert metrics.accuracy.value > 0.9


def test_a_changed_model_is_refused(drawn: Path, store: Path, tmp_path: Path) -> None:
    run = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run")
    with run.model_path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(RunError, match="must be as it was written"):
        open_run(run.folder)


def test_a_newer_run_is_refused(drawn: Path, store: Path, tmp_path: Path) -> None:
    run = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run")
    manifest = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    (run.folder / "run.json").write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    with pytest.raises(RunError, match="format 99"):
        open_run(run.folder)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "no/such"], "no/such"),
        (["train"], "PICTURES"),
        (["train", ".", "--backbone", "vg19"], "vgg19"),
        (["train", ".", "--validation", "2"], "between 0 and 1"),
        (["train", ".", "--head", "tree"], "--help"),
        (["predict", "no-run", "x.jpg"], "no such folder"),
        (["evaluate", ".", "."], "headstart train"),
        (["trian", "."], "train"),
        (["train", "--config", "none.toml"], "none.toml"),
    ],
)
def test_a_mistake_gets_a_sentence_and_status_2(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "runs").exists()


def test_assert_accuracy_exits_1_below(drawn: Path, store: Path, tmp_path: Path) -> None:
    arguments = ["train", str(drawn), "--output", str(tmp_path), "--assert-accuracy"]
    assert main([*arguments, "1.0"]) in (0, 1)
    assert main([*arguments, "0.1"]) == 0
    value = open_run(tmp_path / "last").metrics["accuracy"]["value"]
    assert main([*arguments, str(min(1.0, value + 1e-6))]) == (1 if value < 1 else 0)


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from headstart.cli import main; main(['--help']);"
        "print([m for m in ('keras', 'sklearn', 'numpy', 'openvino', 'PIL') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")
    assert "train" in done.stdout


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headstart.runs.train.train_run", interrupted)
    assert main(["train", str(tmp_path)]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
