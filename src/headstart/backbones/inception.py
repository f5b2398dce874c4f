"""InceptionV3 and InceptionResNetV2: parallel branches."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        name="inceptionv3",
        family="inception",
        application="InceptionV3",
        input_size=299,
        smallest=75,
        preprocessing="tf",
        interpolation="bilinear",
        feature_layer="mixed10",
        width=2048,
        parameters=21_802_784,
        multiply_adds=5_711_168_096,
        top1=0.779,
        weights=WeightsFile(
            "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "bcbd6486424b2319ff4ef7d526e38f63",
            "md5",
        ),
        stages=("conv2d", "conv2d_8", "conv2d_27", "conv2d_72"),
    ),
    Backbone(
        name="inceptionresnetv2",
        family="inception",
        application="InceptionResNetV2",
        input_size=299,
        smallest=75,
        preprocessing="tf",
        interpolation="bilinear",
        feature_layer="conv_7b_ac",
        width=1536,
        parameters=54_336_736,
        multiply_adds=13_154_258_016,
        top1=0.803,
        weights=WeightsFile(
            "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "d19885ff4a710c122648d3b5c3b684e4",
            "md5",
        ),
        stages=("conv2d", "conv2d_8", "conv2d_73", "conv2d_160"),
    ),
)
