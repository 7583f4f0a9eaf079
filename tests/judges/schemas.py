"""Writes schemas that kubeconform reads without a network: schemas.py GATEWAY-API-CRD-FOLDER OUTPUT-FOLDER.

kubernetes-validate ships the schemas of every Kubernetes version, with addresses that only its own resolver knows; here
they become files that refer to each other. That of HTTPRoute comes from Gateway API's own CRD, closed to unknown fields likewise.
"""

import json
import pathlib
import sys

import importlib_resources
import yaml

VERSIONS = ["1.33", "1.34", "1.35", "1.36", "1.37"]


def closed(schema):
    """What the API server does with a CRD: a field that is not declared does not exist."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    return schema


def main(crds, output):
    crd = yaml.safe_load((pathlib.Path(crds) / "gateway.networking.k8s.io_httproutes.yaml").read_text())
    route = next(version for version in crd["spec"]["versions"] if version["name"] == "v1")
    route = closed(route["schema"]["openAPIV3Schema"])
    route["properties"]["metadata"] = {"type": "object"}

    shipped = importlib_resources.files("kubernetes_validate") / "kubernetes-json-schema"
    for version in VERSIONS:
        folder = pathlib.Path(output) / f"v{version}.0-strict"
        folder.mkdir(parents=True)
        for path in (shipped / f"v{version}.0-local-strict").iterdir():
            schema = json.loads(path.read_text())
            schema.pop("$id", None)
            text = json.dumps(schema).replace('"/api/_definitions.json#', '"_definitions.json#')
            (folder / path.name).write_text(text)
        (folder / "httproute-gateway-v1.json").write_text(json.dumps(route))


main(*sys.argv[1:])
