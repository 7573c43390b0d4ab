"""The Helm chart, rendered by Helm and compared with the schemas of Kubernetes and KEDA, the settings and the Compose
file. There is no cluster, so what a cluster does with these resources is not tested.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cloudcoil.models.keda import v1alpha1 as keda

from copydesk_client import __version__ as VERSION
from services import queue
from services.settings import Settings
from tests.unit.chart.values import (
    ALL_VALUES,
    CHART,
    COMPOSE,
    EVERYTHING,
    KEDA,
    LITTLE,
    RABBITMQ,
    ROOT,
    SENTINEL,
    URLS,
    VERSIONS,
    Render,
    container,
    environment,
    merged,
    one,
    pods,
)


@pytest.mark.parametrize("values", ALL_VALUES.values(), ids=ALL_VALUES)
def test_helm_finds_no_fault(run: Callable[..., subprocess.CompletedProcess[str]], values: dict[str, Any]) -> None:
    done = run(["lint", "--strict"], merged(URLS, values))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", ALL_VALUES.values(), ids=ALL_VALUES)
def test_every_resource_is_of_the_shape_that_kubernetes_and_keda_take(
    render: Render, values: dict[str, Any], version: str
) -> None:
    resources = render(values)
    for resource in resources:
        if resource["apiVersion"].startswith("keda.sh/"):
            model = getattr(keda, resource["kind"])
            # what the model does not know, or reads as another type, does not come back
            assert model.model_validate(resource).model_dump(mode="json", by_alias=True, exclude_unset=True) == resource
        else:
            kubernetes_validate.validate(resource, version, strict=True)
    names = [(it["kind"], it["metadata"]["name"]) for it in resources]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("values", ALL_VALUES.values(), ids=ALL_VALUES)
def test_every_variable_is_a_setting_and_of_its_type(
    render: Render, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = render(values)
    names = {f"COPYDESK_{name.upper()}" for name in Settings.model_fields}
    for part in pods(resources):
        found = environment(resources, part)
        assert found.keys() <= names
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("COPYDESK_")]:
                patch.delenv(name)
            for name, value in found.items():
                patch.setenv(name, value)
            assert Settings().mongo_url == found["COPYDESK_MONGO_URL"]


def test_values_come_as_the_settings_read_them(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(render(EVERYTHING), "api").items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert found.max_queued_bytes == 20 * 1024**3
    assert list(found.retention.items()) == [("wire-*", 90), ("*", 3650)]
    assert found.events_seconds == 0.5
    assert found.cors_origins == ["https://desk.example"]


def test_names_in_the_values_file_and_in_the_docs_are_settings() -> None:
    names = {f"COPYDESK_{name.upper()}" for name in Settings.model_fields}
    files = [*CHART.rglob("*.*"), ROOT / "docs/kubernetes.md"]
    for file in files:
        assert set(re.findall(r"\bCOPYDESK_[A-Z_]+[A-Z]\b", file.read_text())) <= names, file


def test_the_chart_does_what_compose_does(render: Render) -> None:
    resources = render(KEDA)
    images = {part: container(resources, part)["image"] for part in pods(resources)}
    assert images == {part: f"copydesk-{'worker' if part == 'worker' else 'api'}:{VERSION}" for part in pods(resources)}
    for part, service in {"api": "api", "worker": "worker", "scheduler": "scheduler", "init": "init"}.items():
        found, there = container(resources, part), COMPOSE[service]
        assert found.get("command") == there.get("command"), part
        assert found["volumeMounts"] == [{"name": "tmp", "mountPath": there["tmpfs"][0]}]
        assert found["securityContext"]["readOnlyRootFilesystem"] == there["read_only"]
        assert found["securityContext"]["capabilities"]["drop"] == there["cap_drop"]
        assert re.search(
            rf"^USER {pods(resources)[part]['spec']['securityContext']['runAsUser']}:", _dockerfile(), re.M
        )
    ports = container(resources, "api")["ports"]
    assert COMPOSE["api"]["ports"][0].endswith(f":{ports[0]['containerPort']}")
    assert ports[0]["containerPort"] == Settings.model_fields["api_port"].default
    probe = container(resources, "worker")["readinessProbe"]["exec"]["command"][-1]
    assert COMPOSE["worker"]["healthcheck"]["test"][1].replace("$$", "$") == probe
    assert environment(resources, "worker")["COPYDESK_WORKER_HEARTBEAT_FILE"] in probe
    assert (
        environment(resources, "worker")["COPYDESK_WORKER_HEARTBEAT_FILE"]
        == (COMPOSE["worker"]["environment"]["COPYDESK_WORKER_HEARTBEAT_FILE"])
    )


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_the_chart_is_of_the_version_of_the_project() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == VERSION


@pytest.mark.parametrize("values", ALL_VALUES.values(), ids=ALL_VALUES)
def test_pods_are_confined_as_the_restricted_standard_asks(render: Render, values: dict[str, Any]) -> None:
    for part, template in pods(render(values)).items():
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, part
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert [set(volume) for volume in spec["volumes"]] == [{"name", "emptyDir"}]
        for it in spec["containers"]:
            assert it["securityContext"]["allowPrivilegeEscalation"] is False
            assert it["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= it["resources"]["requests"].keys()
            assert "memory" in it["resources"]["limits"]


def test_pods_have_longer_to_stop_than_what_runs_in_them(render: Render) -> None:
    values = {"api": {"shutdownSeconds": 100}, "worker": {"shutdownSeconds": 200}}
    for resources in (render(), render(values)):
        worker, api = pods(resources)["worker"]["spec"], pods(resources)["api"]["spec"]
        (slept,) = re.findall(r"\d+", str(api["containers"][0]["lifecycle"]["preStop"]))
        allowed = int(environment(resources, "api")["COPYDESK_API_SHUTDOWN_SECONDS"])
        assert api["terminationGracePeriodSeconds"] > allowed + int(slept)
        allowed = int(environment(resources, "worker")["COPYDESK_SHUTDOWN_SECONDS"])
        assert worker["terminationGracePeriodSeconds"] > allowed
    assert worker["terminationGracePeriodSeconds"] > 200


def test_a_pod_of_workers_has_the_memory_that_its_processes_may_take(render: Render) -> None:
    resources = render()
    found = environment(resources, "worker")
    processes, models = int(found["COPYDESK_WORKER_CONCURRENCY"]), 1024**3
    own = int(found["COPYDESK_TASK_MEMORY_BYTES"]) - models
    helper = Settings.model_fields["parse_memory_bytes"].default
    limit = container(resources, "worker")["resources"]["limits"]["memory"]
    assert limit.endswith("Gi")
    assert int(limit.removesuffix("Gi")) * 1024**3 >= models + processes * (own + helper)


def test_there_is_one_scheduler_and_never_two_while_it_is_exchanged(render: Render) -> None:
    found = one(render(), "Deployment", "-scheduler")["spec"]
    assert found["replicas"] == 1
    assert found["strategy"] == {"type": "Recreate"}


def test_an_autoscaler_is_not_overruled_by_a_fixed_number(render: Render) -> None:
    scaled, fixed = render(KEDA), render(LITTLE)
    for part, replicas in {"-api": 2, "-worker": 2}.items():
        assert "replicas" not in one(scaled, "Deployment", part)["spec"]
        assert one(fixed, "Deployment", part)["spec"]["replicas"] == replicas
    for name, kind in {"-api": "HorizontalPodAutoscaler", "-worker": "ScaledObject"}.items():
        assert one(scaled, kind, name)["spec"]["scaleTargetRef"]["name"] == f"news-copydesk{name}"


def test_budgets_services_and_policies_choose_the_pods_that_they_are_for(render: Render) -> None:
    resources = render(KEDA)
    labels = {part: template["metadata"]["labels"] for part, template in pods(resources).items()}

    def chosen(selector: dict[str, str]) -> set[str]:
        return {part for part, found in labels.items() if selector.items() <= found.items()}

    assert chosen(one(resources, "Service", "-api")["spec"]["selector"]) == {"api"}
    for part in ("api", "worker"):
        budget = one(resources, "PodDisruptionBudget", f"-{part}")
        assert chosen(budget["spec"]["selector"]["matchLabels"]) == {part}
        for spread in pods(resources)[part]["spec"]["topologySpreadConstraints"]:
            assert chosen(spread["labelSelector"]["matchLabels"]) == {part}
    for part in ("api", "worker", "scheduler"):
        assert chosen(one(resources, "Deployment", f"-{part}")["spec"]["selector"]["matchLabels"]) == {part}
    everything, api = one(resources, "NetworkPolicy", ""), one(resources, "NetworkPolicy", "-api")
    assert chosen(everything["spec"]["podSelector"]["matchLabels"]) == set(labels)
    assert everything["spec"]["ingress"] == []
    assert chosen(api["spec"]["podSelector"]["matchLabels"]) == {"api"}
    assert [rule["ports"] for rule in api["spec"]["ingress"]] == [[{"port": "http", "protocol": "TCP"}]]


def test_keda_looks_at_every_queue_of_documents(render: Render) -> None:
    found = one(render(EVERYTHING), "ScaledObject", "-worker")["spec"]
    assert [trigger["metadata"]["listName"] for trigger in found["triggers"]] == list(queue.OF_DOCUMENTS)
    assert "-Q" not in container(render(), "worker")["command"]  # then it listens to all that there are
    for trigger in found["triggers"]:
        assert trigger["type"] == "redis"
        assert trigger["metadata"]["address"] == "redis.example:6380"
        assert trigger["metadata"]["databaseIndex"] == "3"
        assert trigger["metadata"]["enableTLS"] == "true"
    plain = one(render(KEDA), "ScaledObject", "-worker")["spec"]["triggers"][0]["metadata"]
    assert (plain["address"], plain["enableTLS"], plain["databaseIndex"]) == ("redis.example:6379", "false", "0")
    assert one(render(KEDA), "TriggerAuthentication", "-worker")["spec"]["secretTargetRef"] == [
        {"parameter": "password", "name": "copydesk", "key": "COPYDESK_REDIS_PASSWORD"}
    ]


def test_keda_asks_sentinels_or_rabbitmq(render: Render) -> None:
    resources = render(SENTINEL)
    (trigger, *_) = one(resources, "ScaledObject", "-worker")["spec"]["triggers"]
    assert trigger["type"] == "redis-sentinel"
    assert trigger["metadata"] == {
        "addresses": "a:26379,b:26380", "sentinelMaster": "news", "listName": "documents", "listLength": "1000",
        "databaseIndex": "3", "enableTLS": "false",
    }  # fmt: skip
    assert one(resources, "TriggerAuthentication", "-worker")["spec"]["secretTargetRef"] == [
        {"parameter": "password", "name": "copydesk", "key": "COPYDESK_REDIS_PASSWORD"},
        {"parameter": "sentinelPassword", "name": "copydesk", "key": "SENTINEL"},
    ]
    resources = render(RABBITMQ)
    triggers = one(resources, "ScaledObject", "-worker")["spec"]["triggers"]
    assert [trigger["type"] for trigger in triggers] == ["rabbitmq"] * len(queue.OF_DOCUMENTS)
    assert triggers[0]["metadata"] == {
        "protocol": "amqp", "mode": "QueueLength", "value": "1000", "queueName": "documents",
    }  # fmt: skip
    assert one(resources, "TriggerAuthentication", "-worker")["spec"]["secretTargetRef"] == [
        {"parameter": "host", "name": "copydesk", "key": "RABBITMQ"}
    ]


def test_init_runs_before_and_migrate_after_with_the_owner_s_secret_last(render: Render) -> None:
    resources = render(EVERYTHING)
    hooks = {part: one(resources, "Job", f"-{part}")["metadata"]["annotations"]["helm.sh/hook"] for part in ("init", "migrate")}  # fmt: skip
    assert hooks == {"init": "pre-install,pre-upgrade", "migrate": "post-upgrade"}
    for part in hooks:
        found = container(resources, part)
        assert found["command"] == ["copydesk", part]
        # nothing but what is there before the release: a hook that names its ConfigMap would never start
        assert found["envFrom"] == [{"secretRef": {"name": "copydesk"}}, {"secretRef": {"name": "owner"}}]
        assert environment(resources, part)["COPYDESK_MONGO_URL"].endswith("authSource=admin")
    for part in ("api", "worker", "scheduler"):
        assert {"secretRef": {"name": "owner"}} not in container(resources, part)["envFrom"]
    assert not [it for it in render(LITTLE) if it["kind"] == "Job"]


def test_pods_start_anew_when_a_setting_changes(render: Render) -> None:
    def sums(values: dict[str, Any]) -> set[str]:
        return {it["metadata"]["annotations"]["checksum/config"] for it in pods(render(values)).values()}

    before, after = sums({}), sums({"settings": {"COPYDESK_LOG_LEVEL": "DEBUG"}})
    assert len(before) == len(after) == 1
    assert before != after


def test_pods_reach_the_addresses_that_are_named_and_dns(render: Render) -> None:
    named = [{"ipBlock": {"cidr": "10.0.7.0/24"}}]
    dns, rest = one(render({"networkPolicy": {"egressTo": named}}), "NetworkPolicy", "")["spec"]["egress"]
    assert {port["port"] for port in dns["ports"]} == {53} and "to" not in dns
    assert rest["to"] == named and {port["port"] for port in rest["ports"]} >= {27017, 6379, 443}
    assert "to" not in one(render({}), "NetworkPolicy", "")["spec"]["egress"][1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"settings": {"COPYDESK_MONGO_URL": ""}}, "settings.COPYDESK_MONGO_URL is missing"),
        ({"settings": {"COPYDESK_REDIS_PASSWORD": "x"}}, "COPYDESK_REDIS_PASSWORD is a secret"),
        ({"settings": {"COPYDESK_MONGO_URL": "mongodb://desk:x@mongo.example/"}}, "COPYDESK_MONGO_URL has a password"),
        ({"settings": {"COPYDESK_REDIS_URL": "redis://:x@redis.example/0"}}, "COPYDESK_REDIS_URL has a password"),
        ({"api": {"settings": {"COPYDESK_API_KEY": "x"}}}, "COPYDESK_API_KEY is a secret"),
        ({"api": {"ingress": {"enabled": True}}}, "api.ingress.host is missing"),
        ({"wroker": {}}, "wroker"),
        ({"settings": {"LOG_LEVEL": "DEBUG"}}, "LOG_LEVEL"),
        ({"settings": {"COPYDESK_RETENTION": {"wire-*": 90, "*": 3650}}}, "write it as JSON"),
        (merged(KEDA, {"worker": {"autoscaling": {"minReplicas": 0}}}), "minReplicas"),
        ({"settings": {"COPYDESK_REDIS_URL": ""}}, "settings.COPYDESK_REDIS_URL is missing"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_wrong_values_are_refused_by_name(
    run: Callable[..., subprocess.CompletedProcess[str]], values: dict[str, Any], said: str
) -> None:
    done = run(["template", "news"], merged(URLS, values))
    assert done.returncode != 0
    assert said in done.stderr
