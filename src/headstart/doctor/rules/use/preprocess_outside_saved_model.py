"""The model is saved without the scaling of its pixels, which only the script does.

What it is
    Pixels are divided, or put through `preprocess_input`, in the script. The file holds the network alone:
    whoever loads it must know what to do with a picture first.

Why it hurts
    The loaded model gets raw pixels and answers at random, although its accuracy was measured as good.

Wrong
    x = x / 255.0; model.fit(x, y); model.save("m.keras"); load_model("m.keras").predict(raw picture)

Right
    keras.Sequential([layers.Rescaling(1 / 255), ...]), and raw pixels everywhere

How it was measured
    What enters the live model in training is scaled and no layer of it scales; the script saves it. It is an
    error where a line of the script loads the file again and gives it pixels as they are read; without such
    a line it is a remark.

When it is wrong
    Whoever serves the model may scale as the script does; a model that scales inside is never named.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.given import raw_picture, scaled_outside
from headstart.doctor.records import Finding, Place
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Rest

NAME = "preprocess-outside-saved-model"
GROUP = "use"


def check(case: Case) -> Iterable[Finding]:
    """Looks at what enters the model, at what is saved, and at what the loaded model is given."""
    scaled = scaled_outside(case)
    if scaled is None:
        return
    rest = case.probes.rest
    saved = _saved(case, rest)
    if saved is None:
        return
    for use in rest.calls("predict", "predict_on_batch"):
        given = use.argument(0, "x")
        if use.base is None or not use.base.of_kind("reloaded") or given is None or not raw_picture(given):
            continue
        yield Finding(
            NAME,
            "error",
            saved,
            "the file holds no scaling, and the loaded model is given pixels as they are read at line"
            f" {place_of(case, use.unit, use.node).line}",
            {**scaled, "raw pixels": "0 to 255"},
            explains=("predict-raw-picture", "predict-input-range", "predict-loader-mismatch"),
            cost=0.3,
        )
        return
    yield Finding(
        NAME,
        "info",
        saved,
        "the file does not hold the scaling of the pixels; whoever loads it must scale as this script does",
        scaled,
    )


def _saved(case: Case, rest: Rest) -> Place | None:
    for use in rest.calls("save", "export", "save_model"):
        model = use.argument(0, "model") if use.name == "save_model" else use.base
        if model is not None and model.live is case.model:
            return place_of(case, use.unit, use.node)
    given = case.fit_argument("callbacks") or []
    for callback in given if isinstance(given, list | tuple) else [given]:
        if type(callback).__name__ == "ModelCheckpoint" and not getattr(callback, "save_weights_only", True):
            return case.place_of(callback)
    return None
