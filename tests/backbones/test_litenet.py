"""EfficientNet-Lite: the structure, the weights, and the same numbers as PyTorch gives."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import backbones
from headstart.backbones import files, litenet, statedict
from headstart.core.errors import WeightsError

NAMES = tuple(litenet.SCALE)


def tensors(name: str) -> dict[str, np.ndarray[Any, Any]]:
    record = backbones.find(name)
    path = files.place(record.weights)
    if path is None:
        pytest.skip(f"the package {record.weights.package} is not installed")
    return statedict.read(path.read_bytes(), path.name)


def test_stages_are_those_of_the_published_networks() -> None:
    shape = [[(stage.repeats, stage.filters) for stage in litenet.stages(name)] for name in NAMES]
    assert shape == [
        [(1, 16), (2, 24), (2, 40), (3, 80), (3, 112), (4, 192), (1, 320)],
        [(1, 16), (3, 24), (3, 40), (4, 80), (4, 112), (5, 192), (1, 320)],
        [(1, 16), (3, 24), (3, 48), (4, 88), (4, 120), (5, 208), (1, 352)],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_package_fills_every_weight(name: str, keras: Any) -> None:
    record = backbones.find(name)
    loaded = tensors(name)
    trunk = backbones.build_trunk(record)
    skipped = {key for key in loaded if key.endswith("num_batches_tracked") or key.startswith("_fc.")}
    assert sum(value.size for key, value in loaded.items() if key not in skipped) == record.parameters
    kernel = keras.ops.convert_to_numpy(trunk.model.get_layer("block3_depthwise_conv").kernel)
    np.testing.assert_array_equal(
        kernel[..., 0], loaded["_blocks.3._depthwise_conv.weight"][:, 0].transpose(1, 2, 0)
    )


def test_it_is_ready_in_well_under_a_second() -> None:
    best = 9.0
    for _ in range(3):
        start = time.perf_counter()
        backbones.build_trunk(backbones.find("efficientnet-lite0"))
        best = min(best, time.perf_counter() - start)
    assert best < 1.0


@pytest.mark.parametrize("change", ["missing", "left over", "shape"])
def test_a_state_dict_that_does_not_fit_is_refused(change: str, lite0: backbones.Trunk) -> None:
    loaded = dict(tensors("efficientnet-lite0"))
    key = "_blocks.5._expand_conv.weight"
    if change == "missing":
        del loaded[key]
    elif change == "left over":
        loaded["_blocks.99._bn0.weight"] = np.zeros(3, np.float32)
    else:
        loaded[key] = loaded[key][:1]
    model = backbones.build_trunk(backbones.find("efficientnet-lite0")).model
    with pytest.raises(WeightsError, match="efficientnet-lite0"):
        litenet.assign("efficientnet-lite0", model, loaded)


def reference(name: str, loaded: dict[str, np.ndarray[Any, Any]], pixels: np.ndarray[Any, Any]) -> Any:
    """The network in PyTorch's functions, straight from the state dict and the paper's table."""
    import torch
    from torch.nn import functional

    values = {key: torch.from_numpy(np.array(value)) for key, value in loaded.items()}

    def convolve(x: Any, key: str, stride: int = 1, depthwise: bool = False) -> Any:
        kernel = values[f"{key}.weight"]
        pads: list[int] = []
        for size, width in zip(reversed(x.shape[2:]), reversed(kernel.shape[2:]), strict=True):
            total = max((-(-size // stride) - 1) * stride + width - size, 0)
            pads += [total // 2, total - total // 2]
        groups = x.shape[1] if depthwise else 1
        return functional.conv2d(functional.pad(x, pads), kernel, stride=stride, groups=groups)

    def normalise(x: Any, key: str) -> Any:
        mean, variance = values[f"{key}.running_mean"], values[f"{key}.running_var"]
        return functional.batch_norm(
            x, mean, variance, values[f"{key}.weight"], values[f"{key}.bias"], eps=1e-3
        )

    x = torch.from_numpy(((pixels - 127) / 128).transpose(0, 3, 1, 2).copy())
    x = functional.relu6(normalise(convolve(x, "_conv_stem", 2), "_bn0"))
    index = 0
    for stage in litenet.stages(name):
        for repeat in range(stage.repeats):
            key, y = f"_blocks.{index}.", x
            if f"{key}_expand_conv.weight" in values:
                y = functional.relu6(normalise(convolve(y, f"{key}_expand_conv"), f"{key}_bn0"))
            stride = stage.stride if repeat == 0 else 1
            y = functional.relu6(normalise(convolve(y, f"{key}_depthwise_conv", stride, True), f"{key}_bn1"))
            y = normalise(convolve(y, f"{key}_project_conv"), f"{key}_bn2")
            x = x + y if y.shape == x.shape else y
            index += 1
    return functional.relu6(normalise(convolve(x, "_conv_head"), "_bn1")).mean((2, 3)).numpy()


@pytest.mark.gradients
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [None, 129])
def test_features_equal_pytorch(name: str, size: int | None, keras: Any) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    record, loaded = backbones.find(name), tensors(name)
    side = size or record.input_size
    noise = np.random.default_rng(0).integers(0, 256, (2, side // 8 + 1, side // 8 + 1, 3))
    pixels = noise.repeat(8, 1).repeat(8, 2)[:, :side, :side].astype(np.float32)
    found = keras.ops.convert_to_numpy(backbones.build_trunk(record, input_size=side).model(pixels))
    expected = reference(name, loaded, pixels)
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.shared
@pytest.mark.slow
def test_a_linear_probe_tells_cats_from_dogs(shared: Path, lite0: backbones.Trunk) -> None:
    from PIL import Image
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def features(folder: Path, per_class: int) -> tuple[Any, Any]:
        files = [
            (path, label)
            for label, group in enumerate(sorted(p for p in folder.iterdir() if p.is_dir()))
            for path in sorted(group.iterdir())[:per_class]
        ]
        assert len(files) == 2 * per_class
        pixels = np.stack(
            [
                np.asarray(Image.open(p).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC))
                for p, _ in files
            ]
        )
        found = lite0.model.predict(pixels.astype(np.float32), batch_size=8, verbose=0)
        return found, [label for _, label in files]

    train, test = features(shared / "data/cats_dogs", 150), features(shared / "data/cats_dogs_test", 150)
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000)).fit(*train)
    assert probe.score(*test) >= 0.98
