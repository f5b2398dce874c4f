"""A child of the benches: pictures a second of Keras's own predict on the backend of KERAS_BACKEND.

    KERAS_BACKEND=tensorflow python bench/_keras_predict.py BACKBONE PICTURES SECONDS

Random weights: they change no speed. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from headstart.backbones import build_trunk, find

BATCH = 32


def main(name: str, pictures: int, seconds: float) -> None:
    trunk = build_trunk(find(name), weights="random")
    side = trunk.input_size
    pixels = np.random.default_rng(0).integers(0, 256, (pictures, side, side, 3), np.uint8).astype(np.float32)
    trunk.model.predict(pixels[:BATCH], batch_size=BATCH, verbose=0)
    rates = []
    began = time.perf_counter()
    while time.perf_counter() - began < seconds or len(rates) < 2:
        start = time.perf_counter()
        trunk.model.predict(pixels, batch_size=BATCH, verbose=0)
        rates.append(pictures / (time.perf_counter() - start))
    print(json.dumps({"rate": float(np.median(rates)), "runs": len(rates)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
