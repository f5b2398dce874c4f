"""The lock files hold what pyproject.toml asks for, with hashes, and no framework in the default install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = ("base.txt", "dev.txt", "tensorflow.txt")
SYSTEMS = [
    {"python_version": version, "python_full_version": f"{version}.1", "sys_platform": platform}
    for version in ("3.11", "3.12", "3.13")
    for platform in ("linux", "darwin", "win32")
]
FRAMEWORK = re.compile(r"^(tensorflow|tensorboard|jax|torch|nvidia|triton|keras-nightly).*|^libclang$")


def lines(name: str) -> list[str]:
    """A requirement a line, with its hashes joined on."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(name: str, system: dict[str, str]) -> dict[str, str]:
    """Name and version of what a file installs on a system."""
    found: dict[str, str] = {}
    for line in lines(name):
        requirement = Requirement(line.split(" --hash")[0].strip())
        if requirement.marker is None or requirement.marker.evaluate(system):
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            key = canonicalize_name(requirement.name)
            assert key not in found, f"{key} is pinned twice in {name}"
            found[key] = pin.version
    return found


def asked() -> dict[str, list[Requirement]]:
    """What each file has to hold, as pyproject.toml asks for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base = project["project"]["dependencies"]
    dev, build = project["dependency-groups"]["dev"], project["build-system"]["requires"]
    tensorflow = project["project"]["optional-dependencies"]["tensorflow"]
    texts = {"base.txt": base, "dev.txt": base + dev + build, "tensorflow.txt": base + tensorflow}
    return {name: [Requirement(text) for text in wanted] for name, wanted in texts.items()}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: f"{s['python_version']}-{s['sys_platform']}")
@pytest.mark.parametrize("name", FILES)
def test_each_pin_satisfies_what_is_asked_for(name: str, system: dict[str, str]) -> None:
    locked = pins(name, system)
    for requirement in asked()[name]:
        key = canonicalize_name(requirement.name)
        assert key in locked, f"{key} is not in {name}: python requirements/lock.py"
        assert requirement.specifier.contains(locked[key]), f"{requirement} against {locked[key]} in {name}"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_the_default_install_holds_no_framework(name: str) -> None:
    assert [key for key in pins(name, SYSTEMS[0]) if FRAMEWORK.match(key)] == []


def test_the_files_install_together() -> None:
    for system in SYSTEMS:
        base, dev, tensorflow = (pins(name, system) for name in FILES)
        assert base.items() <= dev.items()
        assert base.items() <= tensorflow.items()
        both = dev.keys() & tensorflow.keys()
        assert {key: dev[key] for key in both} == {key: tensorflow[key] for key in both}


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_hashes_and_no_file_names_a_place(name: str) -> None:
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines(name))
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|(?<!\w)/\w+/", text)
