"""`headstart doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from headstart.doctor.records import Diagnosis, Finding

Format = Literal["text", "json", "sarif", "github"]


def command(
    script: Path,
    script_args: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
    /,
    *,
    through: bool = False,
    format: Format = "text",  # noqa: A002 - the option's name
    select: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
    ignore: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
    fix: bool = False,
    write: bool = False,
    prove: bool = False,
    epochs: int = 3,
    timeout: float | None = None,
    python: Path | None = None,
    data: Path | None = None,
    loss: str | None = None,
) -> int:
    """Run a training script up to its first fit and name its faults, each with the number that proves it.

    Exit status: 0 nothing at warning or above, 1 findings, 2 could not look.

    Parameters
    ----------
    script
        A Python file or a notebook; or a .keras file, with --data.
    script_args
        What the script finds in sys.argv, after --.
    through
        Let it train, and watch on to the end: later fits, evaluation, prediction, saving.
    format
        How to report: text, json, sarif or github. The script's own output goes to standard error.
    select
        Only these rules or groups.
    ignore
        All but these rules or groups.
    fix
        Print the edits as a unified diff; nothing is written.
    write
        Make the safe edits in the script, and print them as a unified diff.
    prove
        Train the original and the repaired script for the same short budget and print both ends.
    epochs
        The most epochs of a fit under --prove.
    timeout
        Seconds after which the script is ended.
    python
        The interpreter to run the script with; headstart must be installed there.
    data
        For a .keras file: a folder with a folder of pictures for each class.
    loss
        For a .keras file that was saved without being compiled: its loss.
    """
    from headstart.doctor.examination import examine

    if script.suffix == ".keras":
        diagnosis = _model(script, data, loss, select, ignore)
    else:
        diagnosis = examine(
            script,
            script_args,
            python=str(python) if python else None,
            through=through,
            timeout=timeout,
            select=select,
            ignore=ignore,
        )
    _print(diagnosis, format)
    if fix or write or prove:
        _repair(
            diagnosis,
            script_args,
            write,
            prove,
            epochs,
            timeout,
            python,
            sys.stdout if format == "text" else sys.stderr,
        )
    return diagnosis.exit_code


def _model(
    script: Path, data: Path | None, loss: str | None, select: tuple[str, ...], ignore: tuple[str, ...]
) -> Diagnosis:
    from headstart.core.errors import SettingsError
    from headstart.doctor.live import diagnose

    if data is None:
        raise SettingsError(
            "A .keras file is diagnosed together with pictures",
            f"{str(script)!r} alone",
            "pass --data FOLDER",
        )
    return diagnose(script, data, loss=loss, select=select, ignore=ignore)


def _print(diagnosis: Diagnosis, format: Format) -> None:  # noqa: A002
    import importlib
    import os

    module = importlib.import_module(f"headstart.doctor.reporters.{format}")
    if format == "text":
        text = module.render(diagnosis, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    else:
        text = module.render(diagnosis)
    sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
    sys.stdout.flush()


def _repair(
    diagnosis: Diagnosis,
    args: tuple[str, ...],
    write: bool,
    prove: bool,
    epochs: int,
    timeout: float | None,
    python: Path | None,
    out: object,
) -> None:
    from headstart.doctor.repair.patch import patches
    from headstart.doctor.repair.patch import write as put
    from headstart.doctor.repair.prove import prove as train_both
    from headstart.doctor.repair.prove import table

    findings: tuple[Finding, ...] = diagnosis.all_findings
    made = patches(findings, safe_only=write)
    for patch in made:
        print(patch.diff, end="", file=out)  # type: ignore[call-overload]
        for rule, reason in patch.refused:
            print(f"headstart doctor: the edit for {rule} does not fit: {reason}", file=sys.stderr)
    if prove and made:
        interpreter = str(python) if python else None
        proof = train_both(diagnosis.script, args, made, epochs=epochs, timeout=timeout, python=interpreter)
        print(table(proof), file=out)  # type: ignore[call-overload]
    if write:
        for patch in made:
            put(patch)
