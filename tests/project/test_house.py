"""The house keeps its order: rooms import upwards only, files stay short, nothing leaks into the project."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import headstart
from headstart.cli.app import COMMANDS
from headstart.core import errors

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "headstart"

ROOMS = (
    "core",
    "pictures",
    "backbones",
    "engines",
    "features",
    "heads",
    "frozen",
    "runs",
    "review",
    "use",
    "scale",
    "doctor",
    "cli",
)
"""A room may import from those before it."""

ALARM = 400

HEAVY = ("keras", "sklearn", "numpy", "scipy", "openvino", "PIL", "h5py", "tensorflow", "jax", "torch")

DISTRIBUTION = {"PIL": "pillow", "sklearn": "scikit-learn"}
OPTIONAL = {"nncf", "onnxruntime", "pyarrow", "tensorflow", "jax", "torch"}
"""Imported only where they are installed: each is an extra."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that a file imports, anywhere in it; a name from the package itself as package.name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno} imports relatively"
            assert node.module is not None
            if node.module == "headstart":
                yield from (f"headstart.{alias.name}" for alias in node.names)
            else:
                yield node.module


def rooms_entered(tree: ast.Module) -> set[str]:
    paths = [name.split(".") for name in imported(tree)]
    return {path[1] for path in paths if path[0] == "headstart" and len(path) > 1 and path[1] in ROOMS}


def test_every_folder_is_a_room_in_the_list() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= set(ROOMS)


def test_rooms_import_only_from_rooms_above_them() -> None:
    wrong = []
    for path, tree in modules():
        room = path.parts[0]
        if room not in ROOMS:
            continue  # The public face may reach any room.
        above = ROOMS[: ROOMS.index(room) + 1]
        wrong += [f"{path} imports {other}" for other in sorted(rooms_entered(tree)) if other not in above]
    assert not wrong


def test_only_the_command_line_and_the_public_face_use_the_doctor() -> None:
    users = {path.parts[0] for path, tree in modules() if "doctor" in rooms_entered(tree)}
    assert users <= {"doctor", "cli", "__init__.py", "public.py"}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^\w-]", text)[0].replace("-", "_").lower() for text in project["dependencies"]}
    extras = {
        re.split(r"[^\w-]", text)[0] for texts in project["optional-dependencies"].values() for text in texts
    }
    assert extras >= OPTIONAL
    for path, tree in modules():
        for name in imported(tree):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top == "headstart" or top in OPTIONAL:
                continue
            distribution = DISTRIBUTION.get(top, top).replace("-", "_").lower()
            assert distribution in declared, f"{path} imports {top}, which pyproject.toml does not name"


def test_nothing_is_left_for_later() -> None:
    for path, tree in modules():
        raised = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Raise)}
        assert not any("NotImplemented" in text for text in raised), path


def test_no_file_passes_the_alarm() -> None:
    for path, _ in modules():
        lines = len((SOURCE / path).read_text(encoding="utf-8").splitlines())
        assert lines <= ALARM, f"{path} has {lines} lines: one idea a file"


def text_files() -> Iterator[tuple[str, str]]:
    """The files that git keeps, as text."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, done.stdout.decode("utf-8").split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".jpg") or not path.is_file() or name == "LICENSE":
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


# Put together here, so that this file does not hold what it looks for.
LEAKS = {
    "a path of the machine it was written on": r"(?<![\w.~/-])/(?:work|root|opt)/",
    "an unencrypted address": "http" + r"://(?!www\.w3\.org/|localhost|127\.0\.0\.1)",
    "the host of a package registry": "|".join(
        ("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.")
    ),
    "work left undone": r"\b(?:" + "TO" + "DO|FIX" + r"ME)\b",
}


@pytest.mark.parametrize("what", LEAKS)
def test_nothing_leaks_into_the_project(what: str) -> None:
    pattern = re.compile(LEAKS[what])
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


@pytest.mark.parametrize("name", headstart.__all__)
def test_a_public_name_is_there_and_tells_what_it_is(name: str) -> None:
    assert getattr(headstart, name).__doc__


def test_the_version_is_told_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert headstart.__version__ == project["version"]


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True, timeout=60
    )
    return done.stdout


def test_help_imports_nothing_heavy() -> None:
    out = run_python(
        "import sys\nfrom headstart.cli import main\nstatus = main(['--help'])\n"
        f"print(status, sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    assert out.splitlines()[-1] == "0 []"
    assert all(name in out for name in COMMANDS)


def test_a_commands_module_imports_nothing_heavy() -> None:
    # Its own --help must be quick, and a mistake in its options must be told before Keras is loaded.
    names = [f"headstart.cli.{name}" for name in COMMANDS]
    out = run_python(
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    assert out.strip() == "[]"


def test_every_command_is_a_file_and_every_file_a_command() -> None:
    files = {path.stem for path in (SOURCE / "cli").glob("*.py")} - {"__init__", "app", "voice"}
    assert files == set(COMMANDS)
    for name in COMMANDS:
        assert importlib.import_module(f"headstart.cli.{name}").command.__doc__


def test_pages_name_every_command_and_every_error() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"headstart {name}" not in readme] == []
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert [kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in page] == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")]:
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        broken += [
            f"{page.relative_to(ROOT)} -> {target}"
            for target in targets
            if "://" not in target and not (page.parent / target).exists()
        ]
    assert not broken


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert [name for name in sorted(pages) if f"({name})" not in index] == []
