"""MobileNet."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        "mobilenetv2",
        "mobilenet",
        "MobileNetV2",
        224,
        32,
        "tf",
        "bilinear",
        "out_relu",
        1280,
        0,
        0,
        0.713,
        WeightsFile("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", None, None),
        (),
        1.0,
    ),
)
