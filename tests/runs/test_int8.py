"""`headstart train --precision int8`, from its mistakes to a run that answers on another machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.core.errors import EngineError, PicturesError, RunError, SettingsError
from headstart.core.numbers import share
from headstart.engines import int8_trial as trials
from headstart.engines.openvino import int8
from headstart.features.housekeeping import clear, kept
from headstart.features.store import Store
from headstart.runs.folder import open_run
from headstart.runs.quantised import Effect
from headstart.runs.settings import Settings
from headstart.runs.train import train_run
from headstart.use.demo import draw
from headstart.use.predict import predict_files


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=60, seed=4)
    return folder


@pytest.fixture
def nncf() -> None:
    pytest.importorskip("nncf", reason="int8 needs the extra headstart[int8]")


@pytest.fixture
def gains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine says of the small default backbone, int8 is taken."""
    monkeypatch.setattr(trials, "GAIN", 0.0)
    monkeypatch.setattr(trials, "LEAST_COSINE", 0.0)
    monkeypatch.setattr(trials, "MEAN_COSINE", 0.0)
    monkeypatch.setattr(trials, "SECONDS", 0.05)


def test_without_its_package_one_sentence(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(int8.importlib.util, "find_spec", lambda name: None)
    output = tmp_path / "runs"
    assert main(["train", str(drawn), "--precision", "int8", "--output", str(output)]) == 2
    said = capsys.readouterr()
    assert "pip install 'headstart[int8]'" in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert not output.exists()


@pytest.mark.parametrize("other", [{"fine_tune": "auto"}, {"engine": "keras"}])
def test_what_does_not_go_with_it_is_refused(other: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="--precision int8 goes with a frozen backbone"):
        Settings(pictures="x", precision="int8", **other)  # type: ignore[arg-type]


EFFECT = Effect(
    part="validation",
    n=200,
    accuracy=share(190, 200),
    accuracy_saved=share(189, 200),
    lost=2,
    won=1,
    changed=3,
    largest=0.3,
    least_cosine=0.98,
    mean_cosine=0.999,
    precision="bf16",
    trial=None,
)


def test_a_saved_model_must_not_be_worse_than_what_was_measured() -> None:
    assert EFFECT.holds
    assert "accuracy 0.950 through int8, 0.945 in the saved model" in EFFECT.note()
    assert replace(EFFECT, lost=1, won=12, changed=13).holds
    assert not replace(EFFECT, lost=12, won=1, changed=13).holds
    # As likely lost as won: no more than chance.
    assert replace(EFFECT, lost=8, won=5, changed=13).holds
    assert not replace(EFFECT, lost=11, won=11, changed=22).holds
    worse = replace(EFFECT, accuracy_saved=share(179, 200), lost=12, changed=13)
    assert isinstance(worse.error(), RunError)
    assert "0.895 in the saved model, with 13 of 200 decisions changed" in str(worse.error())


@pytest.mark.slow
def test_where_it_gains_nothing_it_is_refused_before_the_pass(
    drawn: Path, nncf: None, gains: None, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "GAIN", 1000.0)
    settings = Settings(pictures=str(drawn), precision="int8")
    with pytest.raises(EngineError, match=r"pictures a second against .* times; use --precision auto"):
        train_run(settings, output=tmp_path, name="run")
    assert not (tmp_path / "run").exists()
    with Store() as store:
        assert not any(one.pictures for one in kept(store))

    def again(*args: object) -> None:
        raise AssertionError("calibrated again")

    monkeypatch.setattr(int8, "quantise", again)
    with pytest.raises(EngineError, match="use --precision auto"):
        train_run(settings, output=tmp_path, name="run")


@pytest.mark.slow
def test_a_run_in_int8_is_whole_and_answers_elsewhere(
    drawn: Path,
    nncf: None,
    gains: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = train_run(Settings(pictures=str(drawn), precision="int8"), output=tmp_path, name="first")
    assert tuple(capfd.readouterr()) == ("", "")
    name = run.maker.precision
    assert run.maker.format == "int8"
    assert {f"{name}.xml", f"{name}.bin"} < {p.name for p in run.folder.iterdir()}
    found = run.metrics["int8"]
    assert found["calibrated_on"] == 32
    assert found["n"] == found["accuracy"]["n"] == found["accuracy_saved_model"]["n"] == 12
    assert found["pictures_per_second"] > 0
    assert 0.5 < found["cosine_with_f32"]["least"] <= found["cosine_with_f32"]["mean"] < 1
    assert run.metrics["saved_model"]["compared_with"] in ("f32", "bf16")
    assert run.metrics["saved_model"]["n"] == 32
    assert "in the saved model" in run.report_path.read_text(encoding="utf-8")

    # Another seed, and a folder that grew: the same graph, and only the new pictures are computed.
    grown = tmp_path / "grown"
    draw(grown, pictures=64, seed=4)
    second = train_run(
        Settings(pictures=str(grown), precision="int8", seed=1), output=tmp_path, name="second"
    )
    assert second.maker.precision == name
    assert second.metrics["features"]["computed"] <= 64 - 30

    # On another machine, without NNCF: the run carries what it takes.
    monkeypatch.setenv("HEADSTART_HOME", str(tmp_path / "another home"))
    monkeypatch.setitem(__import__("sys").modules, "nncf", None)
    here = {p.path.name: p for p in predict_files(open_run(run.folder), [drawn])}
    assert len(here) == 60
    written = (run.folder / "predictions.csv").read_text(encoding="utf-8").splitlines()[1:]
    for line in written:
        path, _, _, predicted, confidence, *_ = line.split(",")
        assert here[Path(path).name].label == predicted
        assert here[Path(path).name].confidence == pytest.approx(float(confidence), abs=1e-5)
    (run.folder / f"{name}.bin").write_bytes(b"")
    with pytest.raises(RunError, match="must be as it was written"):
        open_run(run.folder)


@pytest.mark.slow
def test_too_few_pictures_to_calibrate_on(nncf: None, gains: None, tmp_path: Path) -> None:
    draw(tmp_path / "few", pictures=6, seed=4)
    with pytest.raises(PicturesError, match="at least 8 readable pictures"):
        train_run(Settings(pictures=str(tmp_path / "few"), precision="int8"), output=tmp_path, name="run")


def test_clearing_the_cache_removes_graphs(home: Path) -> None:
    (home / "graphs").mkdir(parents=True)
    (home / "graphs" / "int8-0123456789abcdef.xml").write_text("graph", encoding="utf-8")
    with Store() as store:
        clear(store)
    assert not list((home / "graphs").iterdir())
