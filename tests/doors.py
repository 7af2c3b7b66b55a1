"""A contract of import-linter: a package is used through its door, which is its `__init__`."""

import ast
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Of each package in the containers, only the package itself may be imported from outside of it.

    A container that offers nothing itself is no room, but has rooms.
    """

    containers = fields.ListField(subfield=fields.StringField())

    @staticmethod
    def _offered(room: str) -> set[str]:
        """The names in its `__all__`; a function may be called as its module is."""
        door = Path(*room.split("."), "__init__.py")
        found = [
            node.value
            for node in (ast.parse(door.read_text()).body if door.exists() else ())
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        return set(ast.literal_eval(found[0])) if found else set()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        containers: list[str] = self.containers  # type: ignore[assignment]
        children = {child for name in containers for child in graph.find_children(name)}
        rooms = children - {name for name in containers if not self._offered(name)}
        past = sorted(
            f"{importer}:{detail['line_number']}: {imported} is past the door of {room}"
            for room in rooms
            for imported in graph.find_descendants(room)
            for importer in graph.find_modules_that_directly_import(imported)
            if not importer.startswith(f"{room}.") and importer != room
            for detail in graph.get_import_details(importer=importer, imported=imported)
            if not (
                detail["line_contents"].lstrip().startswith(f"from {room} import ")
                and imported.removeprefix(f"{room}.") in self._offered(room)
            )
        )
        return ContractCheck(kept=not past, metadata={"past": past})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["past"]:
            output.print_error(line)
