"""A run whose features memory should not hold says what a run in memory says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core import rows as limits
from headstart.features import extract as module
from headstart.heads import large as large_heads
from headstart.runs.settings import Settings
from headstart.runs.train import train_run
from headstart.use.demo import draw
from headstart.use.predict import predict_files


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=240, seed=7)
    # The same picture twice: rows and distinct pictures then differ.
    first = next((folder / "bear").iterdir())
    (folder / "bear" / "again.jpg").write_bytes(first.read_bytes())
    return folder


@pytest.mark.slow
def test_the_metrics_are_the_same(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(pictures=str(drawn), precision="f32")
    whole = train_run(settings, output=tmp_path, name="whole")
    made: list[bool] = []
    original = module.new_table

    def noted(*arguments: object) -> object:
        made.append(isinstance(table := original(*arguments), np.memmap))  # type: ignore[arg-type]
        return table

    monkeypatch.setattr(module, "new_table", noted)
    monkeypatch.setattr(limits, "HELD", 150 * 1280)
    monkeypatch.setattr(limits, "BLOCK", 16 * 1280)
    # With so few pictures a part of them would choose another strength; here the sample may be all.
    monkeypatch.setattr(large_heads, "SAMPLED", 10.0)
    large = train_run(settings, output=tmp_path, name="large")
    assert made == [True]
    assert large.metrics["head"]["sampled"] > 180
    assert large.metrics["features"]["computed"] == 0
    assert large.metrics["pictures"] == whole.metrics["pictures"]
    assert large.metrics["accuracy"]["value"] == pytest.approx(whole.metrics["accuracy"]["value"], abs=0.021)
    assert large.metrics["log_loss"]["value"] == pytest.approx(whole.metrics["log_loss"]["value"], abs=0.05)
    curves = [[point["n_train"] for point in run.metrics["learning_curve"]] for run in (whole, large)]
    assert curves[0] == curves[1]
    answers = {p.path: p.probabilities[0] for p in predict_files(large, [drawn])}
    monkeypatch.undo()
    again = {p.path: p.probabilities[0] for p in predict_files(large, [drawn])}
    assert answers == pytest.approx(again, abs=1e-9)
