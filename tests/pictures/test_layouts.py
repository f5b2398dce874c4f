from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from picture_files import encoded, noise, tree, write

from headstart.core.errors import PicturesError
from headstart.pictures import Part, list_files, open_pictures
from headstart.pictures.natural import natural_key


def refused(source: Path) -> PicturesError:
    with pytest.raises(PicturesError) as caught:
        open_pictures(source)
    error = caught.value
    assert error.allowed
    assert error.received
    assert error.todo
    assert "\n" not in str(error)
    return error


def names_of(pictures: object, root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in pictures.paths]  # type: ignore[attr-defined]


# Class folders


def test_class_folders_in_natural_order(tmp_path: Path) -> None:
    tree(tmp_path, "10/a.png", "2/b10.png", "2/b9.png", "x/deep/er/c.png", "x/a.png")
    found = open_pictures(tmp_path)
    assert found.class_names == ("2", "10", "x")
    assert names_of(found, tmp_path) == ["2/b9.png", "2/b10.png", "10/a.png", "x/a.png", "x/deep/er/c.png"]
    assert found.labels.tolist() == [0, 0, 1, 2, 2]
    assert found.labels.dtype == np.int64
    assert found.parts is None
    assert found.groups is None
    assert found.layout == "class folders: 3 classes (2 2, 10 1, x 2)"
    assert found.skipped == ()


def test_accepts_text_as_a_path(tmp_path: Path) -> None:
    tree(tmp_path, "a/1.png", "b/1.png")
    assert open_pictures(str(tmp_path)).class_names == ("a", "b")


def test_what_is_hidden_is_no_class_and_no_picture(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "cats/1.png",
        "cats/._1.png",
        "cats/Thumbs.db",
        "cats/.ipynb_checkpoints/1-checkpoint.png",
        "dogs/1.png",
        "dogs/desktop.ini",
        ".git/x.png",
        "__MACOSX/cats/1.png",
        ".DS_Store",
    )
    found = open_pictures(tmp_path)
    assert found.class_names == ("cats", "dogs")
    assert names_of(found, tmp_path) == ["cats/1.png", "dogs/1.png"]
    assert [(entry.path.name, entry.reason) for entry in found.skipped] == [("._1.png", "hidden file")]


def test_stray_files_are_no_classes_and_no_errors(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/1.png")
    write(tmp_path / "labels.csv", b"file,class\n")
    write(tmp_path / "SHA256SUMS", b"0123  cats/1.png\n")
    write(tmp_path / "cats" / "README.txt", b"BMW, BMP and other words that begin with BM")
    write(tmp_path / "notes" / "README.txt", b"nothing to see")
    found = open_pictures(tmp_path)
    assert len(found) == 2
    assert found.class_names == ("cats", "dogs")
    assert "4 other files ignored" in found.layout
    assert "no pictures in 'notes', so no class" in found.layout


def test_content_decides_where_the_suffix_does_not(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/1.png")
    write(tmp_path / "cats" / "no_suffix", encoded(noise(), "JPEG"))
    write(tmp_path / "cats" / "photo.backup", encoded(noise(), "BMP"))
    write(tmp_path / "cats" / "table.csv", b"a,b\n")
    write(tmp_path / "cats" / "broken.JPG", b"<html>404</html>")
    write(tmp_path / "cats" / "phone.heic", b"\0\0\0\x18ftypheic")
    names = names_of(open_pictures(tmp_path), tmp_path)
    assert names == [
        "cats/1.png",
        "cats/broken.JPG",
        "cats/no_suffix",
        "cats/phone.heic",
        "cats/photo.backup",
        "dogs/1.png",
    ]


def test_a_picture_beside_the_class_folders_is_left_out_and_said(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/1.png", "sample.png")
    found = open_pictures(tmp_path)
    assert len(found) == 2
    assert [entry.path.name for entry in found.skipped] == ["sample.png"]
    assert "no class" in found.skipped[0].reason
    assert "1 picture beside the class folders left out" in found.layout


def test_a_class_named_train_is_a_class(tmp_path: Path) -> None:
    tree(tmp_path, "bus/1.png", "car/1.png", "train/1.png")
    found = open_pictures(tmp_path)
    assert found.class_names == ("bus", "car", "train")
    assert found.parts is None


def test_nothing_is_written(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/1.png")

    def state() -> list[tuple[str, int, str]]:
        return sorted(
            (
                str(path),
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            )
            for path in tmp_path.rglob("*")
        )

    before = state()
    open_pictures(tmp_path)
    list_files([tmp_path])
    assert state() == before


# Split folders


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Val", "VALIDATION"])
def test_split_folders(tmp_path: Path, name: str) -> None:
    tree(
        tmp_path,
        "train/a/1.png",
        "train/b/1.png",
        "train/b/2.png",
        f"{name}/a/1.png",
        f"{name}/b/1.png",
        "Test/b/1.png",
    )
    found = open_pictures(tmp_path)
    t, v, e = Part.TRAIN, Part.VALIDATION, Part.TEST
    assert found.parts == (t, t, t, v, v, e)
    assert found.labels.tolist() == [0, 1, 1, 0, 1, 1]
    assert f"train/ 3, {name}/ 2, Test/ 1" in found.layout
    assert "2 classes (a 2, b 4)" in found.layout
    assert "Test/ lacks 'a'" in found.layout


def test_train_alone(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png")
    assert open_pictures(tmp_path).parts == (Part.TRAIN, Part.TRAIN)


def test_folders_without_pictures_beside_a_split(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "docs/")
    write(tmp_path / "scripts" / "run.py", b"print()")
    assert len(open_pictures(tmp_path)) == 2


def test_unlabelled_test_folder_is_left_out_and_said(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png")
    found = open_pictures(tmp_path)
    assert len(found) == 2
    assert "test/ holds no class folders, left out (2 pictures)" in found.layout


def test_class_outside_train_alone_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png", "val/Bee/1.png")
    error = refused(tmp_path)
    assert "'Bee'" in error.received
    assert "val/" in error.received


def test_mixed_split_and_class_folders(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "cats/1.png")
    assert "'cats/'" in refused(tmp_path).received


def test_class_folders_with_a_test_folder_beside_them(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/1.png", "test/1.png")
    assert "'test/'" in refused(tmp_path).received


def test_two_folders_for_one_part(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png", "valid/a/1.png")
    assert "val/ and valid/" in refused(tmp_path).received


def test_split_without_train(tmp_path: Path) -> None:
    tree(tmp_path, "val/a/1.png", "val/b/1.png", "test/a/1.png")
    assert "train/" in refused(tmp_path).todo


def test_train_without_class_folders(tmp_path: Path) -> None:
    tree(tmp_path, "train/cat.1.png", "train/dog.1.png", "test/1.png")
    error = refused(tmp_path)
    assert "without any class folder" in error.received
    assert "manifest" in error.todo


def test_empty_class_in_train(tmp_path: Path) -> None:
    tree(tmp_path, "train/a/1.png", "train/b/1.png", "train/c/", "val/a/1.png")
    assert "'c'" in refused(tmp_path).received


# Bad input


def test_no_such_path(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nowhere").received


def test_a_file_where_a_folder_is_expected(tmp_path: Path) -> None:
    assert "is a file" in refused(write(tmp_path / "cat.png")).received


def test_one_class_only(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "cats/2.png")
    assert "one class only, 'cats'" in refused(tmp_path).received


def test_one_level_too_high_suggests_the_folder_below(tmp_path: Path) -> None:
    tree(tmp_path, "data/cats/1.png", "data/dogs/1.png")
    assert str(tmp_path / "data") in refused(tmp_path).todo


@pytest.mark.parametrize("filler", ["dogs/", "dogs/.gitkeep", "dogs/deep/Thumbs.db"])
def test_empty_class(tmp_path: Path, filler: str) -> None:
    tree(tmp_path, "cats/1.png", "birds/1.png", filler)
    error = refused(tmp_path)
    assert "'dogs'" in error.received
    assert "empty" in error.received


def test_pictures_without_class_folders(tmp_path: Path) -> None:
    tree(tmp_path, "1.png", "2.png")
    assert "2 pictures in it but no class folder" in refused(tmp_path).received


def test_no_picture_at_all(tmp_path: Path) -> None:
    assert "no picture" in refused(tmp_path).received


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all"
)
def test_unreadable_folder(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/1.png")
    (tmp_path / "dogs").chmod(0)
    try:
        assert "dogs" in refused(tmp_path).received
    finally:
        (tmp_path / "dogs").chmod(0o755)


# Links and pipes


def link(place: Path, target: Path) -> None:
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("no links on this system")


def test_links_that_loop_end(tmp_path: Path) -> None:
    tree(tmp_path, "cats/1.png", "dogs/deep/1.png")
    link(tmp_path / "dogs" / "deep" / "up", tmp_path / "dogs")
    link(tmp_path / "cats" / "all", tmp_path)
    link(tmp_path / "loop", tmp_path)
    found = open_pictures(tmp_path)
    assert names_of(found, tmp_path) == ["cats/1.png", "dogs/deep/1.png"]


def test_linked_class_folders_and_files_count(tmp_path: Path) -> None:
    tree(tmp_path, "store/x/1.png", "store/y/1.png", "set/a/9.png")
    link(tmp_path / "set" / "b", tmp_path / "store" / "x")
    link(tmp_path / "set" / "a" / "8.png", tmp_path / "store" / "y" / "1.png")
    found = open_pictures(tmp_path / "set")
    assert names_of(found, tmp_path / "set") == ["a/8.png", "a/9.png", "b/1.png"]


def test_broken_link_stays_and_pipe_goes(tmp_path: Path) -> None:
    tree(tmp_path, "a/1.png", "b/1.png")
    link(tmp_path / "a" / "gone.png", tmp_path / "nowhere.png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a" / "pipe.png")
    assert names_of(open_pictures(tmp_path), tmp_path) == ["a/1.png", "a/gone.png", "b/1.png"]


# Names


def test_composed_and_decomposed_names_are_one_class(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    tree(tmp_path, f"train/{composed}/1.png", "train/tea/1.png", f"val/{decomposed}/2.png")
    found = open_pictures(tmp_path)
    assert found.class_names == (composed, "tea")


def test_natural_order() -> None:
    names = ["b", "a10", "a2", "A1", "10", "9", "1.5", "a"]
    assert sorted(names, key=natural_key) == ["1.5", "9", "10", "a", "A1", "a2", "a10", "b"]


# Files to predict


def test_list_files(tmp_path: Path) -> None:
    tree(tmp_path, "in/2.png", "in/10.png", "in/deep/1.png", "in/.hidden.png", "other/x.png")
    text = write(tmp_path / "in" / "notes.txt", b"text")
    named = [tmp_path / "other" / "x.png", tmp_path / "in", text, tmp_path / "in" / "2.png"]
    found = [path.relative_to(tmp_path).as_posix() for path in list_files(named)]
    assert found == ["other/x.png", "in/2.png", "in/10.png", "in/deep/1.png", "in/notes.txt"]


def test_list_files_refuses_nothing(tmp_path: Path) -> None:
    with pytest.raises(PicturesError, match="does not exist"):
        list_files([tmp_path / "nowhere"])
    with pytest.raises(PicturesError, match="no picture in it"):
        list_files([tmp_path])
    with pytest.raises(PicturesError):
        list_files([])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "classes"),
    [("cats_dogs", 2000, 2), ("alien_predator", 878, 2), ("solar_cells", 800, 2), ("clothing", 905, 10)],
)
def test_real_sets(shared: Path, name: str, count: int, classes: int) -> None:
    found = open_pictures(shared / "data" / name)
    assert len(found) == count
    assert len(found.class_names) == classes
    assert found.skipped == ()
