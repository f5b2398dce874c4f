"""The verbs that rules build edits from; the file of each in `operations/` carries it out."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.doctor.records import Operation, Place

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def set_argument(call: Place, name: str, value: str, position: int | None = None) -> Operation:
    """Gives a call the argument `name=value`, in place of one by that name or at that position.

    Args:
        call: The place of the whole call, as events have it.
        name: The argument's name.
        value: Python text, such as '"sigmoid"' or "1e-4".
        position: Where the argument stands when given without its name, from 0.
    """
    at = {} if position is None else {"position": str(position)}
    return Operation("set-argument", call, {"name": name, "value": value, **at})


def remove_argument(call: Place, *names: str) -> Operation:
    """Takes keyword arguments out of a call."""
    return Operation("remove-argument", call, {"names": ",".join(names)})


def rename_argument(call: Place, old: str, new: str) -> Operation:
    """Renames a keyword argument of a call."""
    return Operation("rename-argument", call, {"old": old, "new": new})


def rename_callee(call: Place, new: str) -> Operation:
    """Renames what is called: `model.fit_generator(...)` to `model.fit(...)`."""
    return Operation("rename-callee", call, {"new": new})


def call_through(call: Place, function: str) -> Operation:
    """Turns `model.fit(x)` into `function(model, x)`."""
    return Operation("call-through", call, {"function": function})


def set_callee(call: Place, code: str) -> Operation:
    """Calls something else with the same arguments: `old(x)` to `code(x)`."""
    return Operation("set-callee", call, {"code": code})


def replace(place: Place, code: str) -> Operation:
    """Puts another expression where the one at `place` stands."""
    return Operation("replace", place, {"code": code})


def wrap(place: Place, template: str) -> Operation:
    """Puts the expression at `place` into a template, where `{}` stands for it: "np.squeeze({})"."""
    return Operation("wrap", place, {"template": template})


def insert_layer(layer: Place, code: str, where: str) -> Operation:
    """Puts a layer "before" or "after" another, in the style of the script.

    Works in the list of a `Sequential`, in a line of `model.add(...)`, and in a functional call
    `x = Layer(...)(x)`.

    Args:
        layer: The place of the call that makes the neighbour.
        code: Python text of the new layer, such as "keras.layers.GlobalAveragePooling2D()".
        where: "before" or "after".
    """
    return Operation("insert-layer", layer, {"code": code, "where": where})


def insert_statement(place: Place, code: str, where: str) -> Operation:
    """Puts lines "before" or "after" the statement that `place` lies in, at its indentation."""
    return Operation("insert-statement", place, {"code": code, "where": where})


def remove_statement(place: Place) -> Operation:
    """Takes away the statement that `place` lies in."""
    return Operation("remove-statement", place)


def replace_statement(place: Place, code: str) -> Operation:
    """Puts lines in place of the simple statement that `place` lies in."""
    return Operation("replace-statement", place, {"code": code})


def add_import(place: Place, module: str, name: str = "") -> Operation:
    """Makes sure of `from module import name`, or of `import module`, in the file of `place`."""
    return Operation("add-import", place, {"module": module, "name": name})


@dataclass(frozen=True)
class Spelled:
    """Code that names something of Keras the way that the script does.

    Attributes:
        code: The Python text.
        operations: An import that it needs, or nothing.
    """

    code: str
    operations: tuple[Operation, ...] = ()

    def replacing(self, place: Place) -> tuple[Operation, ...]:
        """The steps that put it in place of an expression."""
        return (*self.operations, replace(place, self.code))

    def beside(self, layer: Place, where: str) -> tuple[Operation, ...]:
        """The steps that put it before or after a layer."""
        return (*self.operations, insert_layer(layer, self.code, where))


def spell(case: Case, place: Place, name: str, arguments: str = "") -> Spelled | None:
    """Writes a layer, `name(arguments)`, in the manner of the call at `place`.

    `layers.Dense(...)` there gives `layers.Name(...)`; a bare `Dense(...)` gives `Name(...)` and the
    import that it needs. None where the script's manner cannot be told.
    """
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    while isinstance(call, ast.Call):
        call = call.func
    if isinstance(call, ast.Attribute):
        return Spelled(f"{ast.unparse(call.value)}.{name}({arguments})")
    if not isinstance(call, ast.Name):
        return None
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.ImportFrom) and node.module and "keras" in node.module:
                for alias in node.names:
                    if (alias.asname or alias.name) == call.id:
                        return Spelled(f"{name}({arguments})", (add_import(place, node.module, name),))
    return None


def keras_name(case: Case, place: Place) -> Spelled:
    """How the script names the package Keras: "keras", "tf.keras", or "keras" with the import it needs."""
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "keras":
                        return Spelled(alias.asname or "keras")
                    if alias.name == "tensorflow":
                        return Spelled(f"{alias.asname or 'tensorflow'}.keras")
            elif isinstance(node, ast.ImportFrom) and node.module == "tensorflow":
                for alias in node.names:
                    if alias.name == "keras":
                        return Spelled(alias.asname or "keras")
    return Spelled("keras", (add_import(place, "keras"),))
