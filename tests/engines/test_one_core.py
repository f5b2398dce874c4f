"""Keras's models and our graphs live in one OpenVINO core, so that the stack for signals stays."""

from __future__ import annotations

import ctypes
import gc
import sys

import numpy as np
import pytest

from headstart.core import backend
from headstart.engines.openvino import processor


class _Stack(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]


def _stack() -> int | None:
    found = _Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(found))
    return found.start


@pytest.mark.skipif(sys.platform != "linux", reason="the plugin minds signals on Linux alone")
def test_the_stack_for_signals_outlives_keras_models_that_go_in_any_order():
    keras = backend.ensure()
    if keras.config.backend() != "openvino":
        pytest.skip("another backend is in use")
    processor.native_bf16()
    before = _stack()
    models = []
    for width in (2, 3, 4):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])
        model.predict(np.ones((1, 4), np.float32), verbose=0)
        models.append(model)
        assert _stack() == before
    while models:
        models.pop(0)
        gc.collect()
        assert _stack() == before
