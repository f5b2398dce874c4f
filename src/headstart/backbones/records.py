"""What the backbones room hands on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from headstart.pictures.records import Recipe

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
        hash: Expected hash, hexadecimal, or None where Keras holds none (MobileNet and MobileNetV2).
        algorithm: 'md5' or 'sha256', as the source records it; None with no hash.
        package: The Python package that carries the file, or None where it belongs in Keras's models folder.
    """

    name: str
    hash: str | None
    algorithm: Literal["md5", "sha256"] | None
    package: str | None = None


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
        feature_layer: Name of the layer whose output, averaged over space, is the feature (ConvNeXt
            normalises that mean once more).
        width: Number of features after the mean over space.
        parameters: Parameters without the top.
        multiply_adds: Multiply-adds of one picture at input_size.
        top1: ImageNet top-1 accuracy that Keras (or the package) states, as a share, or None.
        weights: The weights file without top.
        stages: First layer name of each stage from input to output, for partial fine-tuning.
        alpha: Width multiplier argument for keras.applications, or None.
        minimalistic: Whether keras.applications is asked for MobileNetV3's minimalistic form.
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
    minimalistic: bool = False


@dataclass(frozen=True)
class Trunk:
    """A backbone that was built: raw pixels in, features out, every layer frozen.

    Attributes:
        model: Keras model, RGB 0..255 float32 of shape (n, height, width, 3) to features of shape (n, width),
            or to the map before the mean, (n, rows, columns, width), where pooling was declined.
        backbone: The record that it was built from.
        input_size: Side of the square input in pixels.
        weights: Where the weights come from, in words.
        key: SHA-256 over preprocessing, architecture and weights: the same for the same function, in any
            process, on any Keras backend.
        recipe: How pictures are to be read for it.
        storage: In which type its outputs are kept.
    """

    model: Any
    backbone: Backbone
    input_size: int
    weights: str
    key: str
    recipe: Recipe
    storage: Literal["f32", "f16"] = "f32"

    @property
    def width(self) -> int:
        """Numbers in what it gives for one picture."""
        return math.prod(self.model.output.shape[1:])


@dataclass(frozen=True)
class BackboneRow:
    """A line of the table of backbones.

    Attributes:
        backbone: The record.
        here: Whether its weights are on this machine.
        source: Where the weights are or belong: a package's name or a file's path.
    """

    backbone: Backbone
    here: bool
    source: str
