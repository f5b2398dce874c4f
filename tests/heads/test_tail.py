"""How long fine-tuning goes on: what the hold-out says, without a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from headstart.heads.tail import PATIENCE, Task, _Judge


class Scripted:
    """A model whose answers for the held-out pictures are given, epoch by epoch."""

    def __init__(self) -> None:
        self.logits: NDArray[np.float64] = np.zeros((0, 2))

    def predict_on_batch(self, maps: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(self.logits[maps[:, 0, 0, 0].astype(int)], np.float64)


def judged(right: list[float], n: int = 200, seed: int = 0) -> tuple[_Judge, int]:
    """A judge that saw epochs of these shares of right answers, each for other pictures; and when it had enough."""
    labels = np.arange(n) % 2
    maps = np.arange(n, dtype=np.float16)[:, None]
    task = Task(np.zeros((n, 1), np.float32), [maps], labels, 2, (1, 1, 1))
    judge, model, draw = _Judge(task, np.arange(n)), Scripted(), np.random.default_rng(seed)
    for number, share in enumerate(right, 1):
        sure: Any = np.where(draw.permutation(n) < share * n, 2.0, -2.0)
        model.logits = np.stack([np.where(labels == 0, sure, 0), np.where(labels == 1, sure, 0)], axis=1)
        if judge.enough(model):
            return judge, number
    return judge, len(right) + 1


def test_an_epoch_that_is_better_by_luck_does_not_end_the_training() -> None:
    judge, ended = judged([0.7, 0.8, 0.86, 0.85, 0.85, 0.85])
    assert judge.verdict()[0] == 6
    assert ended == 7


def test_what_gets_worse_in_earnest_ends_it() -> None:
    judge, ended = judged([0.7, 0.9, *[0.6] * 10])
    assert judge.verdict()[0] == 2
    assert ended == 2 + PATIENCE


def test_loss_and_temperature_are_those_of_the_epoch_taken() -> None:
    judge, _ = judged([0.9, 0.6])
    number, loss, temperature = judge.verdict()
    assert number == 1
    # Calibrated, the loss of answers that are right nine times in ten is the entropy of that.
    assert loss == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)), abs=1e-3)
    assert temperature == pytest.approx(2 / np.log(9), rel=0.02)
