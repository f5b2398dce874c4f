"""A picture is given to the trained model as it is read, while training pixels were scaled.

What it is
    Training divides the pixels, or puts them through `preprocess_input`; the line that predicts on a single
    picture reads it and hands it over with values from 0 to 255.

Why it hurts
    The answers on new pictures are near random, although validation was good.

Wrong
    model.predict(np.expand_dims(img_to_array(load_img(path)), 0)) after a fit on x / 255.0

Right
    model.predict(np.expand_dims(img_to_array(load_img(path)) / 255.0, 0))

How it was measured
    What enters the live model in training is scaled and no layer of it scales. What a line after the fit
    gives to predict was read from a file and went through nothing that changes its values.

When it is wrong
    A model that scales inside wants raw pixels, and a function that is not followed may scale: both silence
    the rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.given import raw_picture, scaled_outside
from headstart.doctor.records import Finding
from headstart.doctor.rest.places import place_of

NAME = "predict-raw-picture"
GROUP = "use"


def check(case: Case) -> Iterable[Finding]:
    """Compares what training gives with what predict will be given."""
    uses = []
    for use in case.probes.rest.calls("predict", "predict_on_batch"):
        given = use.argument(0, "x")
        own = use.base is not None and (use.base.live is case.model or use.base.of_kind("reloaded"))
        if own and given is not None and raw_picture(given):
            uses.append(use)
    if not uses:
        return
    scaled = scaled_outside(case)
    if scaled is None:
        return
    for use in uses:
        yield Finding(
            NAME,
            "error",
            place_of(case, use.unit, use.node),
            "this picture is given as it is read, from 0 to 255, but training pixels were scaled",
            scaled,
            explains=("predict-input-range", "predict-loader-mismatch"),
            cost=0.3,
        )
