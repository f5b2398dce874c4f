"""Class folders, alone or below train/, validation/ and test/."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.core.errors import PicturesError
from headstart.pictures.naming import class_list, counted, listed, require_classes
from headstart.pictures.natural import natural_key
from headstart.pictures.records import Part, Pictures, Skipped
from headstart.pictures.walk import Listing, Seen, children, identity, walk

PART_NAMES = {
    "train": Part.TRAIN,
    "val": Part.VALIDATION,
    "valid": Part.VALIDATION,
    "validation": Part.VALIDATION,
    "test": Part.TEST,
}

HIDDEN_REASON = "hidden file"
STRAY_REASON = "lies beside the class folders, so it has no class"


@dataclass(frozen=True)
class _Classes:
    """The class folders of one folder: files by class, and what was left out."""

    files: dict[str, list[Path]]
    empty: list[str]
    without: list[str]
    stray: list[Path]
    hidden: list[Path]
    others: int


def open_folder(root: Path) -> Pictures:
    """Pictures from class folders, or from class folders below train/, validation/ and test/.

    Args:
        root: An existing folder.

    Raises:
        PicturesError: The folder cannot be understood, or a class is missing, empty or alone.
    """
    folders, top = children(root)
    split = _split_folders(root, folders)
    if split is None:
        return _plain(root, top)
    return _split(root, split, top)


def _split_folders(root: Path, folders: list[Path]) -> dict[Part, Path] | None:
    """The folders that give each part, or None where the layout is plain class folders."""
    parts: dict[Part, Path] = {}
    others: list[Path] = []
    for folder in folders:
        part = PART_NAMES.get(folder.name.casefold())
        if part is None:
            others.append(folder)
        elif part in parts:
            raise PicturesError(
                f"A folder may give the {part} part once",
                f"{str(root)!r} with {parts[part].name}/ and {folder.name}/",
                "put their class folders together into one of the two",
            )
        else:
            parts[part] = folder
    if not parts:
        return None
    train = parts.get(Part.TRAIN)
    nested = train is not None and bool(children(train)[0])
    others = [folder for folder in others if walk(folder, {identity(root)}).pictures]
    if not others and nested:
        return parts
    if not others and train is not None:
        raise PicturesError(
            "train/ must hold one folder a class",
            f"{str(train)!r} without any class folder",
            f"sort its pictures into folders, such as {train.name}/cats and {train.name}/dogs, or write a "
            "manifest (CSV) with the columns path and label",
        )
    if not others:
        names = " and ".join(f"{folder.name}/" for folder in parts.values())
        raise PicturesError(
            "Parts of a split need a train/ folder among them",
            f"{str(root)!r} with {names} only",
            "add train/ with one folder a class, or give a folder that holds class folders",
        )
    if list(parts) == [Part.TRAIN] and not nested:
        return None  # Pictures of trains beside pictures of buses: a class like any other.
    names = listed([f"{folder.name}/" for folder in [*parts.values(), *others]])
    raise PicturesError(
        "A folder must hold either class folders or the folders train/, validation/ and test/",
        f"{str(root)!r} with both ({names})",
        "move the class folders into train/, or the folder of the split elsewhere (rename it where it is "
        "a class)",
    )


def _classes(folder: Path, seen: Seen) -> _Classes:
    """Files by class below one folder; a nested file counts to its top class folder."""
    folders, top = children(folder)
    files: dict[str, list[Path]] = {}
    empty: list[str] = []
    without: list[str] = []
    below = Listing()
    for class_folder in folders:
        if identity(class_folder) in seen:
            continue  # A link back to where the walk came from.
        # A set of its own for every class: two classes that link to one folder both have its files.
        listing = walk(class_folder, set(seen))
        name = unicodedata.normalize("NFC", class_folder.name)
        if listing.pictures:
            files.setdefault(name, []).extend(listing.pictures)
        elif listing.others:
            without.append(name)
        else:
            empty.append(name)
        below.others += listing.others
        below.hidden += listing.hidden
    return _Classes(files, empty, without, top.pictures, top.hidden + below.hidden, top.others + below.others)


def _plain(root: Path, top: Listing) -> Pictures:
    found = _classes(root, {identity(root)})
    if not found.files and top.pictures:
        raise PicturesError(
            "A folder of pictures must hold one folder a class",
            f"{str(root)!r} with {counted(len(top.pictures), 'picture')} in it but no class folder",
            "sort them into folders such as cats and dogs, or write a manifest (CSV: path, label)",
        )
    if found.files and found.empty:
        raise _empty(root, found.empty)
    names = sorted(found.files, key=natural_key)
    require_classes(names, str(root), _wrapped(root))
    paths = tuple(path for name in names for path in found.files[name])
    labels = np.concatenate([np.full(len(found.files[name]), index) for index, name in enumerate(names)])
    return Pictures(
        root=root,
        paths=paths,
        labels=labels.astype(np.int64),
        class_names=tuple(names),
        parts=None,
        groups=None,
        layout=f"class folders: {class_list(names, labels)}{_left_out([found], len(top.pictures))}",
        skipped=_skipped([found]),
    )


def _split(root: Path, folders: dict[Part, Path], top: Listing) -> Pictures:
    seen = {identity(root)}
    found = {
        part: _classes(folders[part], {*seen, identity(folders[part])}) for part in Part if part in folders
    }
    train = found[Part.TRAIN]
    if train.empty:
        raise _empty(folders[Part.TRAIN], train.empty)
    names = sorted(train.files, key=natural_key)
    require_classes(names, str(folders[Part.TRAIN]), None)
    remarks: list[str] = []
    for part, classes in list(found.items()):
        shown = f"{folders[part].name}/"
        extra = sorted(set(classes.files) - set(names), key=natural_key)
        if extra:
            raise PicturesError(
                f"Classes come from {folders[Part.TRAIN].name}/ ({listed(names)})",
                f"{shown} with {counted(len(extra), 'class')} that it lacks: {listed(extra)}",
                "rename the folder, move it away, or add pictures of the class to the folder to train on",
            )
        if not classes.files:
            if part is Part.VALIDATION and classes.stray:
                raise PicturesError(
                    "A validation folder must hold the same class folders as train/",
                    f"{str(folders[part])!r} with no class folder",
                    "sort the pictures into class folders, or move the folder away",
                )
            remarks.append(
                f"{shown} holds no class folders, left out ({counted(len(classes.stray), 'picture')})"
            )
            del found[part]
            continue
        missing = [name for name in names if name not in classes.files]
        if missing:
            remarks.append(f"{shown} lacks {listed(missing)}")
    paths: list[Path] = []
    labels: list[int] = []
    parts: list[Part] = []
    for part, classes in found.items():
        for index, name in enumerate(names):
            files = classes.files.get(name, [])
            paths += files
            labels += [index] * len(files)
            parts += [part] * len(files)
    label_array = np.array(labels, dtype=np.int64)
    sizes = ", ".join(f"{folders[part].name}/ {parts.count(part):,}" for part in found)
    said = "".join(f"; {remark}" for remark in remarks)
    all_found = list(found.values())
    layout = f"split folders: {sizes}; {class_list(names, label_array)}{said}{_left_out(all_found, 0, top)}"
    skipped = _skipped(all_found) + tuple(Skipped(path, STRAY_REASON) for path in top.pictures)
    return Pictures(
        root,
        tuple(paths),
        label_array,
        tuple(names),
        tuple(parts),
        None,
        layout,
        skipped + _hidden(top.hidden),
    )


def _empty(folder: Path, empty: list[str]) -> PicturesError:
    return PicturesError(
        "A class folder must hold at least one picture",
        f"{str(folder)!r} with {'an empty class' if len(empty) == 1 else 'empty classes'}: {listed(empty)}",
        "add its pictures or remove the folder",
    )


def _wrapped(root: Path) -> Path | None:
    """The folder that was probably meant, where an archive was unpacked one level too deep."""
    folders, _ = children(root)
    if len(folders) != 1 or identity(folders[0]) == identity(root):
        return None
    inner = [folder for folder in children(folders[0])[0] if walk(folder, {identity(root)}).pictures]
    return folders[0] if len(inner) > 1 else None


def _left_out(found: list[_Classes], stray: int, top: Listing | None = None) -> str:
    """What the line on the layout says of things that were left out, or nothing."""
    others = sum(classes.others for classes in found) + (top.others if top else 0)
    stray += sum(len(classes.stray) for classes in found) if top else 0
    stray += len(top.pictures) if top else 0
    said = ""
    if stray:
        said += f"; {counted(stray, 'picture')} beside the class folders left out"
    if others:
        said += f"; {counted(others, 'other file')} ignored"
    without = [name for classes in found for name in classes.without]
    if without:
        said += f"; no pictures in {listed(without)}, so no class"
    return said


def _hidden(files: list[Path]) -> tuple[Skipped, ...]:
    return tuple(Skipped(path, HIDDEN_REASON) for path in files)


def _skipped(found: list[_Classes]) -> tuple[Skipped, ...]:
    stray = tuple(Skipped(path, STRAY_REASON) for classes in found for path in classes.stray)
    return stray + tuple(entry for classes in found for entry in _hidden(classes.hidden))
