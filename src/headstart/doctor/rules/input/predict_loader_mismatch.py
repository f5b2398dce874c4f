"""A picture for a prediction is read and prepared in another way than the training pictures.

What it is
    Training goes through a generator or a pipeline that scales; the single picture at the end of the
    script is read by hand, and a step is missing: the scaling, or the order of the colours that OpenCV
    turns round.

Why it hurts
    Validation is good, and single predictions are wrong, often always the same class.

Wrong
    train = ImageDataGenerator(rescale=1 / 255)...
    model.predict(img_to_array(load_img("cat.jpg"))[None])

Right
    model.predict(img_to_array(load_img("cat.jpg"))[None] / 255)

How it was measured
    The live training batch lies in a scaled range (or in 0 to 255), and the statements that make the
    picture, from the file to `predict`, its helper functions included, hold no scaling of any kind (or
    divide by 255).

When it is wrong
    A model that scales inside is trained on 0 to 255, and needs none. Where the text holds anything that
    may scale, the rule is silent.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from headstart.doctor.capture.source import Unit
from headstart.doctor.case import Case
from headstart.doctor.lines.later_use import Use, calls, made_from, uses
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Finding, Place
from headstart.doctor.rules.input.predict_input_range import _range

NAME = "predict-loader-mismatch"
GROUP = "input"

EXPLAINS = ("reload-mismatch", "preprocess-outside-saved-model")

LOADERS = ("load_img", "imread", "decode_jpeg", "decode_image", "decode_png")
MAY_SCALE = re.compile(
    r"/|\*|preprocess|rescal|normali|standardi|transform|scaler|image_dtype|255|127|subtract|divide|\bflow"
    r"|mean|std|prepare|augment|Sequential|float_scale"
)
"""Anything of this in the text may scale; the search goes on in helper functions of the script."""


def check(case: Case) -> Iterable[Finding]:
    """Follows the text from each `predict` back to the file."""
    if case.train is None or not case.train.batches:
        return
    train = _range(case.train.x)
    if train is None or getattr(case.train.x, "ndim", 0) != 4:
        return
    for use in uses(case):
        if not use.method.startswith("predict"):
            continue
        parts = made_from(case, use)
        loader = next(((u, n) for u, n, name in calls(parts) if _loads(n, name)), None)
        if loader is None or case.fit is None:
            continue
        found = _fault(case, use, parts, train)
        if found is None:
            continue
        place, message = found
        yield Finding(
            NAME,
            "warning",
            place or place_in(loader[0], loader[1], use.place.file),
            message,
            {
                "training pixels": "0 to 255" if train == "bytes" else "scaled",
                "line of the use": use.place.line,
            },
            EXPLAINS,
            cost=0.3,
        )
        return


def _loads(node: ast.Call, name: str) -> bool:
    """Whether a call reads a picture from a file."""
    return name in LOADERS or ast.unparse(node.func) in ("Image.open", "PIL.Image.open")


def _fault(
    case: Case, use: Use, parts: list[tuple[Unit, ast.AST]], train: str
) -> tuple[Place | None, str] | None:
    """The line and what is wrong there; no line where something is missing."""
    text = "\n".join(ast.unparse(node) for _, node in parts)
    plain = re.sub(r"(['\"]).*?\1", "''", text)
    if train == "small" and not MAY_SCALE.search(plain):
        return None, "this picture is not scaled, but the training pictures are"
    if train == "bytes" and "* 255" not in plain:
        for unit, part in parts:
            for node in ast.walk(part):
                if _divides(node):
                    place = place_in(unit, node, use.place.file)
                    return place, "this picture is divided by 255, but the training pictures are not"
    if "cv2.imread" in text and "cvtColor" not in text and "::-1" not in text and _rgb(case):
        return None, "OpenCV reads blue, green, red, but the training pictures are red, green, blue"
    return None


def _divides(node: ast.AST) -> bool:
    """Whether something is divided by 255."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
        right, left = node.value, None
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        right, left = node.right, node.left
    else:
        return False
    by = right.value if isinstance(right, ast.Constant) else None
    return by in (255, 255.0) and not isinstance(left, ast.Constant)


def _rgb(case: Case) -> bool:
    """Whether the training pictures come from Keras's own readers, in colour."""
    assert case.train is not None
    if case.train.x.shape[-1] != 3:
        return False
    source = case.trace.event_of(case.train.source)
    for _ in range(64):
        if source is None:
            return False
        if source.name in ("image_dataset_from_directory", "DirectoryIterator", "DataFrameIterator"):
            return True
        source = case.trace.event_of(source.subject) if source.subject is not None else None
    return False
