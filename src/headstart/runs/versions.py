"""What ran: versions of Python, the system and the packages that decide a result."""

from __future__ import annotations

import platform
from importlib import metadata

PACKAGES = ("headstart", "keras", "openvino", "numpy", "scipy", "scikit-learn", "pillow")


def versions() -> dict[str, str]:
    """Name and version of each part that decides a run's result."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def headstart_version() -> str:
    """The version of headstart."""
    return versions()["headstart"]
