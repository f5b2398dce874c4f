"""Keras is loaded before any test sets KERAS_HOME, so that it never writes its keras.json there."""

from __future__ import annotations

from typing import Any

import pytest

from headstart import backbones
from headstart.core import backend


@pytest.fixture(scope="session", autouse=True)
def keras() -> Any:
    return backend.ensure()


@pytest.fixture(scope="session")
def lite0(keras: Any) -> backbones.Trunk:
    return backbones.build_trunk(backbones.find("efficientnet-lite0"))
