"""Renders the Kubernetes manifests of a folder and holds them against the schemas of Kubernetes and each other.

Usage: deploy.py FOLDER RENDERED. The first argument has a kustomization.yaml; the second is a file for what it comes to.
One line for each fault, and the environment of the container as one line of JSON at the end.
"""

import json
import pathlib
import re
import sys

import kubernetes_validate
import yaml

# The oldest release that its makers may still support, and the newest whose schemas there are.
RELEASES = ["1.33", "1.37"]
EXAMPLE = "secret.example.yaml"
FOLDER, RENDERED = (pathlib.Path(argument) for argument in sys.argv[1:])
FAULTS = []


def expect(condition, fault):
    if not condition:
        FAULTS.append(fault)
    return condition


def documents(name):
    return [document for document in yaml.safe_load_all((FOLDER / name).read_text()) if document]


def render(kustomization):
    """What the resources come to with the namespace, the labels and the images of the kustomization."""
    unlisted = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml", EXAMPLE}
    expect(unlisted == set(kustomization["resources"]), f"not as in the folder: resources, {sorted(unlisted)}")
    images = {image["name"]: f"{image['newName']}:{image['newTag']}" for image in kustomization["images"]}
    rendered = [document for name in kustomization["resources"] for document in documents(name)]
    for document in rendered:
        metadata = document["metadata"]
        if document["kind"] != "Namespace":
            expect(metadata.get("namespace") == kustomization["namespace"], f"{document['kind']}: another namespace")
            metadata["namespace"] = kustomization["namespace"]
        for labels in kustomization["labels"]:
            metadata.setdefault("labels", {}).update(labels["pairs"])
        for container in pod(document).get("containers", []):
            image = images.get(container["image"])
            expect(image, f"no image of this name in the kustomization: {container['image']}")
            container["image"] = image
    return rendered


def pod(document):
    return document.get("spec", {}).get("template", {}).get("spec", {}) if document["kind"] == "Deployment" else {}


def valid(document):
    for release in RELEASES:
        try:
            kubernetes_validate.validate(document, release, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = "/".join(str(part) for part in error.path)
            FAULTS.append(f"{document['kind']} against Kubernetes {release}: {path}: {error.message}")


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def environment(container, config, secret):
    """The variables of the container, from the maps and secrets that it names."""
    found = {}
    for source in container["envFrom"]:
        if expect(source["configMapRef"]["name"] == config["metadata"]["name"], "envFrom names no ConfigMap"):
            found.update(config["data"])
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        expect(reference["name"] == secret["metadata"]["name"], f"{variable['name']} names no Secret")
        if expect(reference["key"] in secret["stringData"], f"{variable['name']}: no key {reference['key']}"):
            found[variable["name"]] = secret["stringData"][reference["key"]]
    return found


def fits(rendered, secret):
    """Names, ports, selectors and times agree with each other. Returns the environment of the container."""
    one = {document["kind"]: document for document in rendered}
    deployment, service, ingress = one["Deployment"]["spec"], one["Service"]["spec"], one["Ingress"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    spec = pod(one["Deployment"])
    (container,) = spec["containers"]

    selectors = {
        "Deployment": deployment["selector"]["matchLabels"],
        "Service": service["selector"],
        "PodDisruptionBudget": one["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        "NetworkPolicy": one["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    }
    for spread in spec["topologySpreadConstraints"]:
        selectors[f"spread over {spread['topologyKey']}"] = spread["labelSelector"]["matchLabels"]
    for name, selector in selectors.items():
        expect(selector and selector.items() <= labels.items(), f"{name} selects no replica")

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for port in service["ports"]:
        expect(port["targetPort"] in ports, f"Service: no port {port['targetPort']}")
    for rule in one["NetworkPolicy"]["spec"]["ingress"]:
        expect(all(port["port"] in ports for port in rule["ports"]), "NetworkPolicy lets in to another port")
    backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
    expect(backend["name"] == one["Service"]["metadata"]["name"], "Ingress: no such Service")
    expect(backend["port"]["name"] in {port["name"] for port in service["ports"]}, "Ingress: no such port")
    for probe, path in {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}.items():
        get = container[f"{probe}Probe"]["httpGet"]
        expect((get["path"], get["port"]) == (path, "admin"), f"the {probe} probe asks elsewhere")

    variables = environment(container, one["ConfigMap"], secret)
    for name, key in {"mcp": "MCP_SERVER_HTTP_ADDR", "admin": "MCP_SERVER_ADMIN_ADDR"}.items():
        expect(variables[key] == f"0.0.0.0:{ports[name]}", f"port {name} is not {key}")
    hosts = json.loads(variables["MCP_SERVER_HTTP_ALLOWED_HOSTS"])
    expect(ingress["rules"][0]["host"] in hosts, "the host of the Ingress is not allowed")
    stopping = sum(seconds(variables[f"MCP_SERVER_SHUTDOWN_{part}"]) for part in ("LAME_DUCK", "GRACE"))
    expect(spec["terminationGracePeriodSeconds"] > stopping, "a replica is killed before it has stopped")
    noticed = container["readinessProbe"]["periodSeconds"] * container["readinessProbe"]["failureThreshold"]
    lame = seconds(variables["MCP_SERVER_SHUTDOWN_LAME_DUCK"])
    expect(lame > noticed, "a replica refuses work before it is known not to be ready")
    budget = one["PodDisruptionBudget"]["spec"]["maxUnavailable"]
    expect(0 < budget < deployment["replicas"], "the disruption budget allows none, or all at once")
    return variables


def restricted(document):
    """The restricted profile of the Pod Security Standards, and a little more."""
    spec = pod(document)
    expect(spec["securityContext"]["runAsNonRoot"] is True, "runs as root")
    expect(spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", "has no seccomp profile")
    expect(spec.get("automountServiceAccountToken") is False, "has a token of the cluster")
    for container in spec["containers"]:
        context = container["securityContext"]
        expect(context.get("allowPrivilegeEscalation") is False, "may gain privileges")
        expect(context.get("readOnlyRootFilesystem") is True, "may write to its image")
        expect(context.get("capabilities") == {"drop": ["ALL"]}, "keeps capabilities")
        expect("memory" in container["resources"]["limits"], "has no limit of memory")
        expect(re.fullmatch(r".+:(?!latest$).+", container["image"]), "has no version of its own")


(KUSTOMIZATION,) = documents("kustomization.yaml")
(SECRET,) = documents(EXAMPLE)
DOCUMENTS = render(KUSTOMIZATION)
RENDERED.write_text(yaml.safe_dump_all(DOCUMENTS, sort_keys=False))
for DOCUMENT in [*DOCUMENTS, SECRET]:
    valid(DOCUMENT)
    if DOCUMENT["kind"] == "Deployment":
        restricted(DOCUMENT)
ENVIRONMENT = fits(DOCUMENTS, SECRET)
for FAULT in FAULTS:
    print(FAULT)
print(json.dumps(ENVIRONMENT))
sys.exit(1 if FAULTS else 0)
