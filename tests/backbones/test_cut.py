"""A trunk in two: together they are the whole, and the cut lies where the user said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headstart import backbones
from headstart.backbones import Trunk
from headstart.backbones.cut import cut_trunk
from headstart.core.errors import BackboneError


@pytest.fixture(scope="module")
def vgg() -> Trunk:
    return backbones.build_trunk(backbones.find("vgg19"), weights="random", input_size=32)


@pytest.fixture(scope="module")
def mobile() -> Trunk:
    return backbones.build_trunk(backbones.find("mobilenetv2-0.35"), weights="random", input_size=32)


def given(model: Any) -> Any:
    return np.random.default_rng(0).integers(0, 255, (2, *model.input_shape[1:])).astype(np.float32)


def both(trunk: Trunk, where: str) -> tuple[Any, Any]:
    cut = cut_trunk(trunk, where)
    x = given(trunk.model)
    whole = np.asarray(trunk.model.predict(x, verbose=0))
    return whole, np.asarray(cut.upper.predict(cut.lower.model.predict(x, verbose=0), verbose=0))


@pytest.mark.parametrize("where", ["block5", "block5_conv3", "2", "0.25", "25%", "auto"])
def test_lower_and_upper_are_the_whole(vgg: Trunk, where: str) -> None:
    whole, parts = both(vgg, where)
    np.testing.assert_allclose(parts, whole, rtol=2e-2, atol=1e-3)


@pytest.mark.parametrize(
    ("where", "first", "layers"),
    [
        ("block5", "block5_conv1", 4),
        ("auto", "block5_conv1", 4),
        ("block5_conv3", "block5_conv3", 2),
        ("3", "block5_conv2", 3),
        ("0.25", "block5_conv1", 4),
        ("25%", "block5_conv1", 4),
        ("block1_conv2", "block1_conv2", 15),
    ],
)
def test_the_cut_lies_where_it_was_said(vgg: Trunk, where: str, first: str, layers: int) -> None:
    cut = cut_trunk(vgg, where)
    assert (cut.first, cut.layers) == (first, layers)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("efficientnet-lite0", "block11_expand_conv"),
        ("efficientnetb0", "block6a_expand_conv"),
        ("mobilenetv2-0.35", "block_13_expand"),
        ("resnet50", "conv5_block1_1_conv"),
    ],
)
def test_auto_takes_a_part_that_can_learn(name: str, first: str) -> None:
    """The last stage; and the one before where it is a single block."""
    trunk = backbones.build_trunk(backbones.find(name), weights="random", input_size=32)
    assert cut_trunk(trunk, "auto").first == first


def test_within_a_residual_block_the_cut_moves_to_its_beginning(mobile: Trunk) -> None:
    names = [one.name for one in mobile.model.operations]
    inner = next(name for name in names if name.startswith("block_14") and "depthwise" in name)
    cut = cut_trunk(mobile, inner)
    assert names.index(cut.first) < names.index(inner)
    assert cut.first.startswith("block_14")
    whole, parts = both(mobile, inner)
    np.testing.assert_allclose(parts, whole, rtol=2e-2, atol=1e-3)


def test_keys_of_maps_and_of_the_whole_differ(vgg: Trunk) -> None:
    keys = {cut_trunk(vgg, where).lower.key for where in ("block4", "block5")}
    assert len(keys | {vgg.key}) == 3
    assert cut_trunk(vgg, "block5").lower.key in keys
    assert cut_trunk(vgg, "block5").lower.storage == "f16"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("blok5", "nearest names: .*block5"),
        ("block5_pool", "can be trained"),
        ("block1_conv1", "leave a first part"),
        ("99", "a count from 1 to 15"),
        ("0", "a count from 1 to 15"),
        ("1.5", "a share between 0 and 1"),
    ],
)
def test_mistakes_are_named(vgg: Trunk, where: str, said: str) -> None:
    with pytest.raises(BackboneError, match=said):
        cut_trunk(vgg, where)
