from __future__ import annotations

import os
from types import ModuleType

import pytest

# Keras reads its backend once; these tests are about the graph that its OpenVINO backend exports.
os.environ.setdefault("KERAS_BACKEND", "openvino")

from headstart.core import backend


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    module = backend.ensure()
    if module.config.backend() != "openvino":
        pytest.skip("Keras runs on another backend in this process")
    return module
