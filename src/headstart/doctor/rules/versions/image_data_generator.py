"""`ImageDataGenerator` is used: it works through a legacy door, and slowly.

What it is
    The class of Keras 1 that reads and augments pictures with NumPy, one thread by default. Keras 3 keeps it
    under `tf.keras.preprocessing.image` for old scripts only.

Why it hurts
    It is no fault. Pictures are read and turned one by one on the processor; `image_dataset_from_directory`
    with augmentation layers is faster, and the layers travel with the model.

Wrong
    ImageDataGenerator(rescale=1 / 255, horizontal_flip=True).flow_from_directory("train")

Right
    keras.utils.image_dataset_from_directory("train"), then layers.RandomFlip and layers.Rescaling

How it was measured
    The class was made. This is a remark and no more.

When it is wrong
    It is never wrong to keep it.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "image-data-generator"
GROUP = "versions"


def check(case: Case) -> Iterable[Finding]:
    """Mentions the first one."""
    for event in case.trace.of_kind("image-generator")[:1]:
        if event.place is not None:
            yield Finding(
                NAME,
                "info",
                event.place,
                "ImageDataGenerator is kept for old scripts only; image_dataset_from_directory with"
                " augmentation layers is its successor",
                {"generators": len(case.trace.of_kind("image-generator"))},
            )
