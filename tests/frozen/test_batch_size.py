"""Batches that fit into memory, found by doubling."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.frozen import batch_size
from headstart.frozen.batch_size import FIRST, MOST, FittingBatches, out_of_memory


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's."""


class Card:
    """A stand-in for a GPU: runs out of memory above a size, and takes no longer for more samples."""

    def __init__(self, holds: int, seconds: float = 0.0, each: float = 0.0) -> None:
        self.holds, self.seconds, self.each = holds, seconds, each
        self.ran: list[int] = []
        self.refused: list[int] = []
        self.freed = 0
        self.now = 0.0
        self.now = 0.0

    def __call__(self, arrays):
        n = len(arrays[0])
        if n > self.holds:
            self.refused.append(n)
            raise ResourceExhaustedError(f"OOM when allocating tensor with shape[{n},224,224,64]")
        self.ran.append(n)
        self.now += self.seconds + self.each * n
        return [2 * arrays[0], arrays[0] + arrays[1]]

    def clock(self) -> float:
        return self.now

    def free(self) -> None:
        self.freed += 1


@pytest.fixture
def timed(monkeypatch):
    """Time as a card reckons it: a busy machine changes nothing."""

    def keep(card):
        monkeypatch.setattr(batch_size, "time", SimpleNamespace(perf_counter=lambda: card.now))
        return card

    return keep


def through(batches: FittingBatches, n: int) -> None:
    x = np.arange(n, dtype=np.float32)
    double, sums = batches([x, x + 1])
    np.testing.assert_array_equal(double, 2 * x)
    np.testing.assert_array_equal(sums, 2 * x + 1)


@given(holds=st.integers(1, 200), sizes=st.lists(st.integers(0, 150), max_size=6), grow=st.booleans())
def test_every_sample_is_computed_whatever_the_memory_holds(holds, sizes, grow):
    card = Card(holds)
    batches = FittingBatches(card, grow, card.free, card.clock)
    for n in sizes:
        through(batches, n)
    assert sum(card.ran) == sum(sizes)
    assert all(n <= holds for n in card.ran)
    assert card.freed == len(card.refused)


def test_the_size_doubles_until_memory_runs_out_and_then_stays(timed):
    card = timed(Card(holds=200, seconds=1.0))
    batches = FittingBatches(card, True, clock=card.clock)
    through(batches, 3000)
    assert card.refused == [256]
    assert batches.size == 128
    assert card.ran[:6] == [32, 32, 64, 64, 128, 128]
    through(batches, 1000)
    assert card.refused == [256], "what did not fit is not tried again"


def test_the_size_has_an_end(timed):
    card = timed(Card(holds=10**6, seconds=1.0))
    batches = FittingBatches(card, True, clock=card.clock)
    through(batches, 10 * MOST)
    assert batches.size == MOST


def test_doubling_ends_where_it_no_longer_pays(timed):
    card = timed(Card(holds=10**6, each=1.0))
    batches = FittingBatches(card, True, clock=card.clock)
    through(batches, 1000)
    assert batches.size == 2 * FIRST


def test_on_a_processor_the_size_stays_and_memory_is_minded_all_the_same():
    card = Card(holds=10**6)
    batches = FittingBatches(card, grow=False)
    through(batches, 500)
    assert batches.size == FIRST
    small = Card(holds=10)
    batches = FittingBatches(small, grow=False)
    through(batches, 100)
    assert batches.size == 8


def test_a_sample_that_does_not_fit_alone_and_other_errors_go_through():
    with pytest.raises(ResourceExhaustedError):
        FittingBatches(Card(holds=0), grow=True)([np.ones(4), np.ones(4)])

    def broken(arrays):
        raise ValueError("shapes do not fit")

    with pytest.raises(ValueError, match="shapes"):
        FittingBatches(broken, grow=True)([np.ones(4)])


def test_running_out_of_memory_is_known_by_each_backend_s_way_of_saying_it():
    class OutOfMemoryError(RuntimeError):
        """Named as PyTorch's."""

    assert out_of_memory(OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    assert out_of_memory(ResourceExhaustedError("{{function_node}} failed"))
    assert out_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"))
    assert out_of_memory(MemoryError())
    assert not out_of_memory(RuntimeError("cuDNN version mismatch"))
    assert not out_of_memory(ValueError("shape"))
