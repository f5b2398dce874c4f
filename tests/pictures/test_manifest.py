from __future__ import annotations

import builtins
from pathlib import Path

import pytest
from picture_files import tree

from headstart.core.errors import PicturesError
from headstart.pictures import Part, open_pictures

PLAIN = "path,label\nin/1.png,cat\nin/2.png,dog\n"


def manifest(root: Path, text: str, name: str = "all.csv", encoding: str = "utf-8") -> Path:
    tree(root, "in/1.png", "in/2.png", "in/3.png", "in/4.png")
    path = root / name
    path.write_bytes(text.encode(encoding))
    return path


def refused(path: Path) -> str:
    with pytest.raises(PicturesError) as caught:
        open_pictures(path)
    assert caught.value.todo
    return caught.value.received


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    found = open_pictures(manifest(tmp_path, PLAIN))
    assert found.paths == (tmp_path / "in" / "1.png", tmp_path / "in" / "2.png")
    assert found.class_names == ("cat", "dog")
    assert found.labels.tolist() == [0, 1]
    assert found.parts is None
    assert found.groups is None
    assert found.layout == "manifest: 2 classes (cat 1, dog 1)"


def test_absolute_paths(tmp_path: Path) -> None:
    absolute = tmp_path / "in" / "1.png"
    found = open_pictures(manifest(tmp_path, f'path,label\n"{absolute}",cat\nin/2.png,dog\n'))
    assert found.paths[0] == absolute


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "\r\n".join([" Label ,extra,PATH", "chat \u00e9,x,in/1.png", "", "dog,y,in/2.png"]).replace(
        ",", delimiter
    )
    found = open_pictures(manifest(tmp_path, text, encoding=encoding))
    assert found.class_names == ("chat \u00e9", "dog")


def test_classes_in_natural_order(tmp_path: Path) -> None:
    found = open_pictures(manifest(tmp_path, "path,label\nin/1.png,10\nin/2.png,2\n"))
    assert found.class_names == ("2", "10")
    assert found.labels.tolist() == [1, 0]


def test_split_and_group(tmp_path: Path) -> None:
    rows = ["path,label,split,group", "in/1.png,a,train,p1", "in/2.png,b,Train,"]
    rows += ["in/3.png,a,VALID,p2", "in/4.png,b,test,p3"]
    found = open_pictures(manifest(tmp_path, "\n".join(rows)))
    assert found.parts == (Part.TRAIN, Part.TRAIN, Part.VALIDATION, Part.TEST)
    assert found.groups == ("p1", "", "p2", "p3")
    assert found.layout.endswith("train 2, validation 1, test 1; 3 groups")


def test_blank_columns_count_as_absent(tmp_path: Path) -> None:
    found = open_pictures(manifest(tmp_path, "path,label,split,group\nin/1.png,a,,\nin/2.png,b,,\n"))
    assert found.parts is None
    assert found.groups is None


def test_backslashes_from_windows(tmp_path: Path) -> None:
    found = open_pictures(manifest(tmp_path, "path,label\nin\\1.png,a\nin\\2.png,b\n"))
    assert all(path.is_file() for path in found.paths)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the columns none"),
        ("path,label\n", "no row"),
        ("file,label\nin/1.png,a\n", "the columns 'file', 'label'"),
        ("path,class\nin/1.png,a\n", "the columns 'path', 'class'"),
        (
            PLAIN + "in/9.png,cat\nin/8.png,cat\n",
            "line 4 with path='in/9.png', which does not exist (and 1 more such row)",
        ),
        (PLAIN + "in,cat\n", "which is a folder"),
        (PLAIN + ",cat\n", "line 4 with a blank path (beside 'cat')"),
        (PLAIN + "in/3.png\n", "line 4 with a blank label"),
        (PLAIN + "in/3.png,  \n", "line 4 with a blank label (beside 'in/3.png')"),
        (PLAIN + "in/1.png,dog\n", "line 2 and line 4 with path='in/1.png'"),
        ("path,label\nin/1.png,a\nin/2.png,a\n", "one class only"),
        ("path,label,split\nin/1.png,a,train\nin/2.png,b,holdout\n", "split='holdout'"),
        ("path,label,split\nin/1.png,a,train\nin/2.png,b,\n", "split=''"),
        ("path,label,split\nin/1.png,a,train\nin/2.png,b,val\n", "label='b'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(manifest(tmp_path, text))


def test_not_utf8(tmp_path: Path) -> None:
    assert "0xe9" in refused(manifest(tmp_path, "path,label\nin/1.png,caf\u00e9\n", encoding="latin-1"))


def test_parquet_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **options: object) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    path = manifest(tmp_path, "", name="all.parquet")
    with pytest.raises(PicturesError, match=r"headstart\[parquet\]"):
        open_pictures(path)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = manifest(tmp_path, "", name="all.parquet")
    columns = {"path": ["in/1.png", "in/2.png"], "label": [2.0, 10.0], "split": [None, None]}
    parquet.write_table(pyarrow.table(columns), path)
    found = open_pictures(path)
    assert found.class_names == ("2", "10")
    assert found.parts is None
    path.write_bytes(b"no parquet")
    with pytest.raises(PicturesError, match="Parquet"):
        open_pictures(path)
