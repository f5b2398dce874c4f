"""Xception: separable convolutions with residual connections."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        name="xception",
        family="xception",
        application="Xception",
        input_size=299,
        smallest=71,
        preprocessing="tf",
        interpolation="bilinear",
        feature_layer="block14_sepconv2_act",
        width=2048,
        parameters=20_861_480,
        multiply_adds=8_355_355_496,
        top1=0.79,
        weights=WeightsFile(
            "xception_weights_tf_dim_ordering_tf_kernels_notop.h5", "b0042744bf5b25fce3cb969f33bebb97", "md5"
        ),
        stages=(
            "block1_conv1",
            "block2_sepconv1",
            "block3_sepconv1_act",
            "block4_sepconv1_act",
            "block13_sepconv1_act",
        ),
    ),
)
