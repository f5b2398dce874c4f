"""Which commands there are, and how any of them ends."""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import sys
from collections.abc import Sequence

from headstart.cli import INTERRUPTED, MISTAKE, OK

COMMANDS = {
    "train": "Train a classifier on a folder of pictures.",
    "predict": "Classify pictures with a finished run.",
    "evaluate": "Measure a finished run on other labelled pictures.",
    "backbones": "List the backbones, with their cost and whether their weights are here.",
    "demo": "See the whole path on pictures that it draws itself.",
    "cache": "Show what features are stored, or make the store smaller.",
    "trunk": "Show what of a Keras model never changes in training.",
    "doctor": "Run a training script and name its faults, each with the number that proves it.",
    "rules": "List the doctor's rules, or print the page of one.",
}
"""Each command and its line in --help; its module, of the same name, is imported when it is called."""

HELP = ("--help", "-h", "help")


def run(arguments: Sequence[str]) -> int:
    """Runs one command; a user's mistake gets one sentence and status 2, Ctrl-C a word and status 130."""
    try:
        return _run(arguments)
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough; Python must not complain of it at exit.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        return OK


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in HELP:
        print(overview(), flush=True)
        return OK
    name, rest = arguments[0], list(arguments[1:])
    if name in ("--version", "-V"):
        from headstart import __version__

        print(__version__)
        return OK
    if name not in COMMANDS:
        return _unknown(name)
    from headstart.core.errors import HeadstartError

    try:
        return _call(name, rest)
    except HeadstartError as error:
        print(f"headstart {name}: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print(f"\nheadstart {name}: stopped; {_how_to_go_on(name)}", file=sys.stderr)
        return INTERRUPTED


def overview() -> str:
    """The text of `headstart --help`."""
    width = max(map(len, COMMANDS))
    lines = [
        "headstart: transfer learning for pictures that starts right.",
        "",
        "Usage: headstart COMMAND ...",
        "",
        *(f"  {name:<{width}}  {line}" for name, line in COMMANDS.items()),
        "",
        "headstart COMMAND --help tells the options of one.",
    ]
    return "\n".join(lines)


def _call(name: str, rest: list[str]) -> int:
    import cyclopts

    module = importlib.import_module(f"headstart.cli.{name}")
    module.command.__doc__ = flowed(module.command.__doc__ or "")
    app = cyclopts.App(
        name=f"headstart {name}",
        help_format="plaintext",
        # A switch is on or not given; --no-fix says nothing that leaving it out does not.
        default_parameter=cyclopts.Parameter(negative=""),
        version_flags=[],
        default_command=module.command,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    try:
        status = app(rest, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        text = " ".join(str(error).split())
        print(f"headstart {name}: {text} Try: headstart {name} --help", file=sys.stderr)
        return MISTAKE
    return status if isinstance(status, int) else OK


def flowed(doc: str) -> str:
    """A docstring with each paragraph in one line: the help would keep our breaks beside its own."""
    lines: list[str] = []
    for line in inspect.cleandoc(doc).splitlines():
        before = lines[-1] if lines else ""
        indent = len(line) - len(line.lstrip())
        goes_on = bool(line.strip() and before.strip()) and len(before) - len(before.lstrip()) == indent
        # Names of parameters stand at the margin, one below the other, and are no paragraph.
        if goes_on and (indent or "Parameters" not in lines):
            lines[-1] = f"{before} {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _unknown(name: str) -> int:
    near = difflib.get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean {near[0]!r}" if near else "see headstart --help"
    print(
        f"headstart: COMMAND must be one of {', '.join(COMMANDS)}; received {name!r}; {hint}.",
        file=sys.stderr,
    )
    return MISTAKE


def _how_to_go_on(name: str) -> str:
    if name in ("train", "predict", "evaluate"):
        return "the features computed so far are kept, so the same command goes on from there."
    return "nothing is left half done."
