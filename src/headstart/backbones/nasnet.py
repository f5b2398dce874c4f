"""NASNet: cells found by search."""

from __future__ import annotations

from headstart.backbones.records import Backbone, WeightsFile

BACKBONES = (
    Backbone(
        name="nasnetmobile",
        family="nasnet",
        application="NASNetMobile",
        input_size=224,
        smallest=32,
        preprocessing="tf",
        interpolation="bilinear",
        feature_layer="activation_187",
        width=1056,
        parameters=4_269_716,
        multiply_adds=562_582_816,
        top1=0.744,
        weights=WeightsFile("nasnet_mobile_no_top.h5", "1ed92395b5b598bdda52abe5c0dbfd63", "md5"),
        stages=(
            "stem_conv1",
            "reduction_conv_1_stem_1",
            "adjust_relu_1_0",
            "reduction_conv_1_reduce_4",
            "reduction_conv_1_reduce_8",
        ),
    ),
    Backbone(
        name="nasnetlarge",
        family="nasnet",
        application="NASNetLarge",
        input_size=331,
        smallest=32,
        preprocessing="tf",
        interpolation="bilinear",
        feature_layer="activation_259",
        width=4032,
        parameters=84_916_818,
        multiply_adds=23_779_382_658,
        top1=0.825,
        weights=WeightsFile("nasnet_large_no_top.h5", "d81d89dc07e6e56530c4e77faddd61b5", "md5"),
        stages=(
            "stem_conv1",
            "reduction_conv_1_stem_1",
            "adjust_relu_1_0",
            "reduction_conv_1_reduce_6",
            "reduction_conv_1_reduce_12",
        ),
    ),
)
