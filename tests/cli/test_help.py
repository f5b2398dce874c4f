"""What `--help` says of each command."""

from __future__ import annotations

import importlib
import inspect

import pytest

from headstart.cli import OK, main
from headstart.cli.app import COMMANDS, flowed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_parameter_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = importlib.import_module(f"headstart.cli.{name}").command
    assert main([name, "--help"]) == OK
    shown = capsys.readouterr().out
    documented = flowed(command.__doc__).splitlines()
    for parameter in inspect.signature(command).parameters:
        explained = documented[documented.index(parameter) + 1].strip()
        assert explained
        first = " ".join(explained.split()[:2])
        assert first in " ".join(shown.split()), parameter
    assert "--no-" not in shown
    assert "default: ()" not in shown


def test_a_paragraph_becomes_a_line_and_names_stay_apart() -> None:
    doc = """One line
    and its end.

    Parameters
    ----------
    first
        Said in
        two lines.
    second
        In one.
    """
    said = ["One line and its end.", "", "Parameters", "----------"]
    said += ["first", "    Said in two lines.", "second", "    In one."]
    assert flowed(doc).splitlines() == said
    assert flowed(flowed(doc)) == flowed(doc)
