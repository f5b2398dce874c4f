"""The channels-first pass on every family of keras.applications, and on the backbone in the box."""

from __future__ import annotations

from collections import Counter
from types import ModuleType

import numpy as np
import pytest

from headstart.engines.openvino.channels_first import rewrite, transposes
from headstart.engines.openvino.processor import native_bf16

from . import networks

# Smallest sensible input, and how many Transposes may be left: the one that takes the picture in.
QUICK = {
    "VGG16": 96,
    "ResNet50": 96,
    "ResNet50V2": 96,
    "MobileNet": 96,
    "MobileNetV2": 96,
    "MobileNetV3Small": 96,
    "MobileNetV3Large": 96,
    "EfficientNetB0": 96,
    "EfficientNetV2B0": 96,
    "ConvNeXtTiny": 96,
}
LARGE = {
    "VGG19": 96,
    "DenseNet121": 96,
    "InceptionV3": 96,
    "Xception": 96,
    "InceptionResNetV2": 96,
    "NASNetMobile": 96,
}
MOST_TRANSPOSES = 1


@pytest.mark.parametrize(
    ("name", "size"),
    [*QUICK.items(), *(pytest.param(*item, marks=pytest.mark.slow) for item in LARGE.items())],
)
def test_a_rewritten_family_computes_the_same(keras: ModuleType, name: str, size: int) -> None:
    graph = networks.exported(networks.family(name, size))
    before = transposes(graph)
    rewritten = rewrite(graph)
    picture = networks.pictures(1, size)
    (expected,), (dark,) = (networks.outputs(graph, shown) for shown in (picture, picture // 4))
    (found,) = networks.outputs(rewritten, picture)
    assert networks.apart(expected, found) <= 1e-4
    assert networks.apart(expected, dark) > 1e-3, "equal features for every picture would prove nothing"
    assert transposes(rewritten) <= MOST_TRANSPOSES
    assert transposes(graph) == before > 40, "the exported graph is left as it was"


def test_the_backbone_in_the_box_computes_the_same(keras: ModuleType) -> None:
    backbones = pytest.importorskip("headstart.backbones")
    trunk = backbones.build_trunk(backbones.find("efficientnet-lite0"), weights="random", input_size=96)
    networks.randomise(trunk.model)
    graph = networks.exported(trunk.model)
    rewritten = rewrite(graph)
    picture = networks.pictures(1, 96)
    (expected,), (found,) = networks.outputs(graph, picture), networks.outputs(rewritten, picture)
    assert networks.apart(expected, found) <= 1e-4
    assert transposes(rewritten) <= MOST_TRANSPOSES


def test_convolutions_are_fused_with_what_follows(keras: ModuleType) -> None:
    """What the pass is for: no batch normalisation and no activation runs by itself any more."""
    from headstart.engines.openvino import processor

    graph = rewrite(networks.exported(networks.family("MobileNetV2", 96)))
    compiled = processor.core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    ran = Counter(
        str(node.get_rt_info()["layerType"].value) for node in compiled.get_runtime_model().get_ops()
    )
    assert ran["Convolution"] + ran["GroupConvolution"] == 52
    # One Subgraph scales the picture; all other arithmetic is inside the convolutions.
    assert ran["Subgraph"] + ran["Eltwise"] <= 1
    assert ran["Transpose"] <= 1


@pytest.mark.skipif(not native_bf16(), reason="this processor has no bf16 of its own")
def test_bf16_stays_near_f32(keras: ModuleType) -> None:
    from headstart.engines.openvino.compiling import compile_graph

    graph = rewrite(networks.exported(networks.family("ResNet50", 96)))
    batch = networks.pictures(3, 96)
    (_, exact), (_, fast) = (
        next(iter(compile_graph(graph, precision).run([(0, batch)]))) for precision in ("f32", "bf16")
    )
    assert 0 < networks.apart(exact, fast) < 0.1
    assert not np.array_equal(exact, fast)
