"""The run loop: order, laziness, errors, an early end."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from headstart import engines
from headstart.core.errors import EngineError, SettingsError
from headstart.engines import Engine

from . import networks

SIZE = 32


@pytest.fixture(scope="module")
def model(keras: ModuleType) -> object:
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    made = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(5, 3)(x)))
    networks.randomise(made)
    return made


@pytest.fixture(scope="module")
def engine(model: object) -> Engine:
    return engines.open_openvino(model, precision="f32")


def batches(*sizes: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for tag, n in enumerate(sizes):
        yield tag, networks.pictures(n, SIZE, seed=tag)


def test_features_are_keras_s_own_and_in_order(model: object, engine: Engine) -> None:
    sizes = (1, 7, 0, 3, 1, 1, 20, 2)
    ours = list(engine.run(batches(*sizes)))
    reference = engines.open_keras(model)
    theirs = list(reference.run(batches(*(n for n in sizes if n))))
    assert [tag for tag, _ in ours] == list(range(len(sizes)))
    assert [len(features) for _, features in ours] == list(sizes)
    assert all(features.dtype == np.float32 for _, features in ours)
    # Keras's own backend computes in bf16 where OpenVINO likes to: hence the tolerance.
    np.testing.assert_allclose(
        ours[1][1], _exactly(model, networks.pictures(7, SIZE, seed=1)), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(ours[0][1], theirs[0][1], rtol=0.05, atol=0.02)


def _exactly(model: object, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The little network by NumPy in double precision."""
    weights = [np.asarray(weight, np.float64) for weight in model.get_weights()]  # type: ignore[attr-defined]

    def convolve(
        x: NDArray[np.float64], kernel: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
        return np.einsum("nyxcij,ijco->nyxo", windows, kernel) + bias

    x = np.pad(pictures / 255, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = np.maximum(convolve(x, weights[0], weights[1]), 0)
    return convolve(x, weights[2], weights[3]).mean(axis=(1, 2))


def test_a_picture_s_features_do_not_depend_on_its_neighbours(engine: Engine) -> None:
    ((_, together),) = engine.run([(0, networks.pictures(9, SIZE))])
    alone = [
        features for _, features in engine.run((i, p[None]) for i, p in enumerate(networks.pictures(9, SIZE)))
    ]
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_nothing_in_gives_nothing_out(engine: Engine) -> None:
    assert list(engine.run([])) == []


@pytest.mark.parametrize("size", [1, 4])
def test_the_input_is_pulled_lazily(engine: Engine, size: int) -> None:
    pulled = 0

    def source() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        nonlocal pulled
        while True:  # endless: an engine that read ahead without bound would never answer
            pulled += 1
            yield pulled, networks.pictures(size, SIZE)

    run = engine.run(source())
    assert pulled == 0
    for taken in range(1, 30):
        next(run)
        assert pulled - taken <= engine.info.requests
    run.close()  # type: ignore[attr-defined]


def test_the_input_is_pulled_while_pictures_are_computed(engine: Engine) -> None:
    """Batches are asked for before the features of earlier ones are handed out."""
    ahead: list[int] = []
    handed = 0

    def source() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for tag in range(20):
            ahead.append(tag - handed)
            yield tag, networks.pictures(1, SIZE)

    for _ in engine.run(source()):
        handed += 1
    assert max(ahead) >= 2


def test_an_error_in_the_input_goes_through_and_the_engine_lives_on(engine: Engine) -> None:
    def source() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        yield from batches(3, 3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(engine.run(source()))
    assert len(list(engine.run(batches(2, 2)))) == 2


def test_ctrl_c_leaves_nothing_in_flight(engine: Engine) -> None:
    def source() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        yield from batches(1, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(engine.run(source()))
    assert len(list(engine.run(batches(2)))) == 1


def test_a_run_that_is_left_early_ends(engine: Engine) -> None:
    run = engine.run(batches(*[2] * 50))
    next(run)
    del run
    gc.collect()
    before = threading.active_count()
    time.sleep(0.05)
    assert threading.active_count() == before
    assert len(list(engine.run(batches(2)))) == 1


def test_runs_in_several_threads_do_not_meet(engine: Engine) -> None:
    expected = {seed: next(iter(engine.run([(0, networks.pictures(6, SIZE, seed))])))[1] for seed in range(4)}
    wrong: list[int] = []

    def work(seed: int) -> None:
        for _ in range(10):
            for _, features in engine.run([(0, networks.pictures(6, SIZE, seed))]):
                if not np.array_equal(features, expected[seed]):
                    wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((2, SIZE, SIZE, 3), np.float32),
        np.zeros((2, SIZE, SIZE + 1, 3), np.uint8),
        np.zeros((SIZE, SIZE, 3), np.uint8),
        np.zeros((2, SIZE, SIZE, 1), np.uint8),
    ],
)
def test_other_pictures_are_refused(engine: Engine, pictures: NDArray[np.uint8]) -> None:
    with pytest.raises(EngineError, match="resize the pictures"):
        list(engine.run([(0, pictures)]))


def test_views_that_are_not_contiguous_are_read_rightly(engine: Engine) -> None:
    twice = networks.pictures(4, 2 * SIZE)[:, ::2, ::2]
    ((_, features),) = engine.run([(0, twice)])
    ((_, expected),) = engine.run([(0, twice.copy())])
    np.testing.assert_array_equal(features, expected)


def test_a_closed_engine_says_so(model: object) -> None:
    engine = engines.open_openvino(model, precision="f32")
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed engine"):
        list(engine.run(batches(1)))


def test_info_says_what_computes(engine: Engine, monkeypatch: pytest.MonkeyPatch, model: object) -> None:
    assert engine.info.name == "openvino"
    assert engine.info.precision == "f32"
    assert engine.info.processor
    assert engine.info.notes == ()
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    single = engines.open_openvino(model, precision="f32")
    assert single.info.threads == 1
    assert single.info.requests < engine.info.requests or engine.info.threads == 1
    ((_, a),), ((_, b),) = (list(one.run([(0, networks.pictures(3, SIZE))])) for one in (engine, single))
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_threads_must_be_a_number(model: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "many")
    with pytest.raises(SettingsError, match="HEADSTART_THREADS"):
        engines.open_openvino(model, precision="f32")
