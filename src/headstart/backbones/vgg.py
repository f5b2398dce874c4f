"""VGG."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        "vgg19",
        "vgg",
        "VGG19",
        224,
        32,
        "caffe",
        "bilinear",
        "block5_pool",
        512,
        0,
        0,
        0.713,
        WeightsFile(
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6", "md5"
        ),
        (),
    ),
)
