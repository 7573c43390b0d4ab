"""Values for rendering the chart, and look-ups in the resources that result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
CHART = ROOT / "deploy/helm/copydesk"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
VERSIONS = ("1.29", "1.33", "1.37")  # the oldest that Chart.yaml allows, and the newest there is a schema of

Resource = dict[str, Any]
Render = Callable[..., list[Resource]]

URLS = {"settings": {"COPYDESK_MONGO_URL": "mongodb://mongo.example/", "COPYDESK_REDIS_URL": "redis://redis.example/0"}}
KEDA = {"worker": {"autoscaling": {"enabled": True}}}
EVERYTHING = {
    "image": {
        "api": {"repository": "registry.example/copydesk-api", "digest": f"sha256:{'0a' * 32}"},
        "worker": {"repository": "registry.example/copydesk-worker", "tag": "0.1.0-ocr"},
        "pullSecrets": ["registry"],
    },
    "settings": {
        "COPYDESK_REDIS_URL": "rediss://redis.example:6380/3",
        "COPYDESK_RETENTION": '{"wire-*": 90, "*": 3650}',
        "COPYDESK_MAX_QUEUED_BYTES": 20 * 1024**3,
        "COPYDESK_EVENTS_SECONDS": 0.5,
        "COPYDESK_PARSE_OCR": True,
    },
    "api": {
        "settings": {"COPYDESK_CORS_ORIGINS": ["https://desk.example"]},
        "ingress": {"enabled": True, "className": "nginx", "host": "news.example", "tlsSecret": "tls",
                    "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "512m"}},
    },
    "worker": {"settings": {"COPYDESK_ENRICH_LANGUAGES": "en"}, "autoscaling": {"enabled": True, "redisUsername": "keda"}},
    "scheduler": {"settings": {"COPYDESK_LOG_LEVEL": "DEBUG"}},
    "init": {"secret": "owner", "settings": {"COPYDESK_MONGO_URL": "mongodb://mongo.example/?authSource=admin"}},
    "networkPolicy": {"apiFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    "podAnnotations": {"example/one": "1"}, "podLabels": {"team": "desk"}, "nodeSelector": {"pool": "news"},
    "tolerations": [{"key": "news", "operator": "Exists"}], "priorityClassName": "high",
}  # fmt: skip
LITTLE = {
    "api": {"autoscaling": {"enabled": False}},
    "init": {"enabled": False},
    "networkPolicy": {"enabled": False},
}
SENTINEL = {
    "settings": {"COPYDESK_REDIS_URL": "sentinel://a;sentinel://b:26380/3"},
    "worker": {"autoscaling": {"enabled": True, "sentinel": {"master": "news", "passwordKey": "SENTINEL"}}},
}
RABBITMQ = {
    "settings": {"COPYDESK_REDIS_URL": None},
    "worker": {"autoscaling": {"enabled": True, "rabbitmqKey": "RABBITMQ"}},
}
ALL_VALUES = {"keda": KEDA, "everything": EVERYTHING, "little": LITTLE, "sentinel": SENTINEL, "rabbitmq": RABBITMQ}


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other[key]) if key in other else one[key] for key in one | other}
    return other


def one(resources: list[Resource], kind: str, name: str) -> Resource:
    (found,) = (it for it in resources if it["kind"] == kind and it["metadata"]["name"] == f"news-copydesk{name}")
    return found


def pods(resources: list[Resource]) -> dict[str, Resource]:
    """Return the resources that create pods, by component."""
    return {
        it["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: it["spec"]["template"]
        for it in resources
        if it["kind"] in ("Deployment", "Job")
    }


def container(resources: list[Resource], part: str) -> Resource:
    (found,) = pods(resources)[part]["spec"]["containers"]
    return found


def environment(resources: list[Resource], part: str) -> dict[str, str]:
    """Return the environment of the container, without Secrets."""
    found: dict[str, str] = {}
    for source in container(resources, part)["envFrom"]:
        if "configMapRef" in source:
            (config,) = (it for it in resources if it["kind"] == "ConfigMap")
            assert source["configMapRef"]["name"] == config["metadata"]["name"]
            found |= config["data"]
    return found | {it["name"]: it["value"] for it in container(resources, part).get("env", [])}
