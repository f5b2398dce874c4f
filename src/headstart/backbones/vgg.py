"""VGG: thirteen or sixteen plain convolutions; heavy arithmetic for what it knows."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        name="vgg16",
        family="vgg",
        application="VGG16",
        input_size=224,
        smallest=32,
        preprocessing="caffe",
        interpolation="bilinear",
        feature_layer="block5_pool",
        width=512,
        parameters=14_714_688,
        multiply_adds=15_346_630_656,
        top1=0.713,
        weights=WeightsFile(
            "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc", "md5"
        ),
        stages=("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
    ),
    Backbone(
        name="vgg19",
        family="vgg",
        application="VGG19",
        input_size=224,
        smallest=32,
        preprocessing="caffe",
        interpolation="bilinear",
        feature_layer="block5_pool",
        width=512,
        parameters=20_024_384,
        multiply_adds=19_508_428_800,
        top1=0.713,
        weights=WeightsFile(
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6", "md5"
        ),
        stages=("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
    ),
)
