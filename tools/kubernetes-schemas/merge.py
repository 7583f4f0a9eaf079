"""Merges the shapes of several Kubernetes versions; a definition that did not change stands once."""
import json
import pathlib
import sys

definitions, numbers, kinds = [], {}, {}


def number_of(name, all_of, seen):
    """The number of a definition by its content; definitions refer to each other by number."""
    if name in seen:
        # A definition that holds itself (JSONSchemaProps) is left open.
        return None
    key = (name, json.dumps(closure(name, all_of, set()), sort_keys=True))
    if key in numbers:
        return numbers[key]
    numbers[key] = len(definitions)
    definitions.append(None)
    definitions[numbers[key]] = renumbered(all_of[name], all_of, seen | {name})
    return numbers[key]


def closure(name, all_of, seen):
    if name in seen:
        return name
    inside = {}
    def walk(node):
        if isinstance(node, dict):
            reference = node.get("$ref")
            if reference:
                target = reference.rsplit("/", 1)[1]
                inside[target] = closure(target, all_of, seen | {name})
            for value in node.values():
                walk(value)
    walk(all_of[name])
    return [all_of[name], inside]


def renumbered(node, all_of, seen):
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        number = number_of(node["$ref"].rsplit("/", 1)[1], all_of, seen)
        return {} if number is None else {"$ref": f"#/definitions/{number}"}
    return {key: renumbered(value, all_of, seen) for key, value in node.items()}


for path in map(pathlib.Path, sorted(sys.argv[1:])):
    dump = json.loads(path.read_text())
    for kind, schema in dump["kinds"].items():
        number = number_of(schema["$ref"].rsplit("/", 1)[1], dump["definitions"], frozenset())
        kinds.setdefault(kind, {})[path.stem] = number

json.dump({"kinds": kinds, "definitions": definitions}, sys.stdout, separators=(",", ":"), sort_keys=True)
print()
