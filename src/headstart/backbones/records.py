"""What the backbones room hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Preprocessing = Literal["caffe", "tf", "torch", "inside", "lite"]
"""How pixels 0..255 become what the weights were trained on.

caffe: blue, green, red, minus their ImageNet means.  tf: x / 127.5 - 1.  torch: x / 255, standardised with
ImageNet's mean and deviation of each channel.  inside: the network scales its own input.
lite: (x - 127) / 128.
"""


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights without the classifier's top.

    Attributes:
        name: The file's name, as keras.applications or the package has it.
        hash: Expected hash, hexadecimal.
        algorithm: 'md5' (as Keras records it) or 'sha256'.
    """

    name: str
    hash: str
    algorithm: Literal["md5", "sha256"]


@dataclass(frozen=True)
class Backbone:
    """A network without its classifier, as data.

    Attributes:
        name: The name on the command line, such as 'vgg19' or 'efficientnet-lite0'.
        family: The family that it belongs to, such as 'vgg'.
        application: Its name in keras.applications, or None where Keras does not have it.
        input_size: Side of the square input in pixels, as the weights were trained.
        smallest: Smallest side that the network can take, in pixels.
        preprocessing: How pixels become its input.
        interpolation: Interpolation of its training pictures.
        feature_layer: Name of the layer whose output, averaged over space, is the feature.
        width: Number of features after the mean over space.
        parameters: Parameters without the top.
        multiply_adds: Multiply-adds of one picture at input_size.
        top1: ImageNet top-1 accuracy that Keras (or the package) states, as a share, or None.
        weights: The weights file without top.
        stages: First layer name of each stage from input to output, for partial fine-tuning.
        alpha: Width multiplier argument for keras.applications, or None.
    """

    name: str
    family: str
    application: str | None
    input_size: int
    smallest: int
    preprocessing: Preprocessing
    interpolation: str
    feature_layer: str
    width: int
    parameters: int
    multiply_adds: int
    top1: float | None
    weights: WeightsFile
    stages: tuple[str, ...]
    alpha: float | None = None
