"""What calls of Keras, NumPy and image libraries mean for the values that they give."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from headstart.doctor.rest.values import Source, Tag, Val, mixed

LABELS = ("classes", "labels")
"""Attributes of a folder iterator that hold the labels in the order of its files."""

LOADERS = ("flow_from_directory", "flow_from_dataframe", "flow")
FOLDERS = ("image_dataset_from_directory", "text_dataset_from_directory")

SAME = {"take", "unbatch", "prefetch", "batch", "as_numpy_iterator", "map", "skip", "with_options", "apply"}
"""Steps after which a data set gives the same rows in the same order of reading."""

READING = {"load_img", "imread", "img_to_array", "open", "decode_jpeg", "decode_image", "decode_png"}
SCALING = {
    "preprocess_input",
    "normalize",
    "rescale",
    "standardize",
    "per_image_standardization",
    "convert_image_dtype",
    "divide",
    "true_divide",
    "multiply",
    "subtract",
    "transform",
    "fit_transform",
    "Rescaling",
    "Normalization",
    "img_as_float",
    "preprocess",
    "blobFromImage",
}
LIBRARIES = {"keras", "PIL", "cv2", "tensorflow", "imageio"}
"""Libraries whose readers give pixels from 0 to 255."""

PLAIN = {
    "load_img",
    "imread",
    "img_to_array",
    "array_to_img",
    "open",
    "expand_dims",
    "array",
    "asarray",
    "reshape",
    "resize",
    "convert",
    "cvtColor",
    "stack",
    "vstack",
    "concatenate",
    "append",
    "astype",
    "newaxis",
    "smart_resize",
    "cast",
    "copy",
    "convert_to_tensor",
    "decode_jpeg",
    "decode_image",
    "decode_png",
    "read_file",
    "flatten",
    "ravel",
    "numpy",
    "float32",
}
"""Functions that leave the values of pixels as they are."""


def module_of(callee: Val) -> str:
    """The module of a live function, or nothing."""
    return str(getattr(callee.live, "__module__", "") or "")


CONVERTERS: Mapping[str, Callable[[Any], Any]] = {"str": str, "int": int, "float": float, "round": round}


def is_model(value: Any) -> bool:
    """Whether it is a model of Keras 3."""
    keras = sys.modules.get("keras")
    model = getattr(keras, "Model", None)
    return isinstance(model, type) and isinstance(value, model)


def is_source(value: Any) -> bool:
    """Whether it is a data set, a loader or an iterator of batches."""
    tensorflow = sys.modules.get("tensorflow")
    data = getattr(tensorflow, "data", None)
    if data is not None and isinstance(value, data.Dataset):
        return True
    keras = sys.modules.get("keras")
    dataset = getattr(getattr(keras, "utils", None), "PyDataset", None)
    if isinstance(dataset, type) and isinstance(value, dataset):
        return True
    torch = sys.modules.get("torch")
    loader = getattr(getattr(getattr(torch, "utils", None), "data", None), "DataLoader", None)
    return isinstance(loader, type) and isinstance(value, loader)


def model_called(name: str, base: Val | None, callee: Val, predicting: Collection[str]) -> Any:
    """The live model whose predictions a call gives, or None."""
    if base is not None and name in predicting and is_model(base.live):
        return base.live
    if base is None and is_model(callee.live):
        return callee.live
    return None


def made(
    node: ast.Call,
    name: str,
    base: Val | None,
    callee: Val,
    args: tuple[Val, ...],
    keywords: Mapping[str, Val],
) -> Val | None:
    """The result of calls that the doctor knows; None for all others."""
    if name == "len" and args and args[0].known:
        try:
            return Val(live=len(args[0].live))
        except Exception:
            return Val()
    if name in CONVERTERS and len(args) == 1 and args[0].known:
        try:
            return Val(live=CONVERTERS[name](args[0].live))
        except Exception:
            return Val(tags=args[0].tags)
    if name == "join" and args and all(a.known and isinstance(a.live, str) for a in args):
        return Val(live="/".join(a.live for a in args))
    if name == "enumerate" and args:
        return _pairs((Val(), args[0]), node)
    if name == "zip" and args:
        return _pairs(args, node)
    if name in LOADERS and base is not None and type(base.live).__name__ == "ImageDataGenerator":
        return Val(source=Source(id(node), None, node, keywords))
    if name in FOLDERS and callable(callee.live):
        return Val(source=Source(id(node), None, node, keywords))
    if name == "load_model" and module_of(callee).startswith("keras."):
        return Val(tags=frozenset({Tag("reloaded", 0, 0, node)}))
    if name in SAME and base is not None and base.source is not None:
        return Val(source=base.source)
    if name in ("shuffle", "cache", "repeat", "filter") and base is not None and base.source is not None:
        return Val(source=Source(id(node)))
    return None


def _pairs(values: tuple[Val, ...], node: ast.AST) -> Val:
    parts = []
    for value in values:
        if value.element is not None:
            parts.append(value.element)
        elif value.source is not None:
            x = Tag("input", value.source.key, id(node), node, value.source)
            y = Tag("truth", value.source.key, id(node), node, value.source)
            both = (Val(tags=frozenset({x})), Val(tags=frozenset({y})))
            parts.append(Val(tags=frozenset({x, y}), parts=both))
        elif value.exact is not None:
            parts.append(Val(tags=value.tags, exact=value.exact, row=True))
        else:
            parts.append(Val(tags=value.tags))
    joined = mixed(*parts)
    return Val(tags=joined.tags, element=Val(tags=joined.tags, parts=tuple(parts)))


def marks(name: str, callee: Val, tags: frozenset[Tag]) -> frozenset[Tag]:
    """Tags that a call adds to what went into it."""
    module = module_of(callee)
    known = callable(callee.live) and module.split(".")[0] in LIBRARIES
    if name in READING and known and not (name == "img_to_array" and any(t.kind == "scaled" for t in tags)):
        return frozenset({Tag("picture")})
    scales = module.startswith(("skimage", "matplotlib")) and name in ("resize", "imread", "imresize")
    if name in SCALING or scales:
        return frozenset({Tag("scaled")})
    if name not in PLAIN and any(tag.kind == "picture" for tag in tags):
        return frozenset({Tag("opaque")})
    return frozenset()
