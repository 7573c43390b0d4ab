import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from services.cli.settings_page import _shown, page
from services.settings import Settings

ROOT = Path(__file__).parents[2]
COPYDESK = str(Path(sys.executable).parent / "copydesk")


def test_limits_that_do_not_nest_are_refused_by_name() -> None:
    with pytest.raises(
        ValidationError, match="COPYDESK_TASK_SOFT_SECONDS must be shorter than COPYDESK_TASK_HARD_SECONDS"
    ):
        Settings(task_soft_seconds=90, task_hard_seconds=75)
    with pytest.raises(
        ValidationError, match="COPYDESK_LEASE_SECONDS must be shorter than COPYDESK_VISIBILITY_SECONDS"
    ):
        Settings(lease_seconds=601)


def test_a_password_with_url_characters_is_escaped() -> None:
    found = Settings(redis_url="redis://redis:6379/0", redis_password=SecretStr("p@ss/word:1"))
    assert found.redis_address == "redis://:p%40ss%2Fword%3A1@redis:6379/0"
    assert "p@ss" not in repr(found)


def test_every_node_and_sentinel_gets_the_password() -> None:
    nodes = Settings(broker_url="amqp://desk@one:5672/news;amqps://desk@two/news", broker_password=SecretStr("p@ss"))
    assert nodes.broker_address == "amqp://desk:p%40ss@one:5672/news;amqps://desk:p%40ss@two/news"
    assert nodes.broker == "rabbitmq"
    watched = Settings(redis_url="sentinel://one:26380;sentinel://two", redis_password=SecretStr("p@ss"))
    assert watched.sentinels == [("one", 26380), ("two", 26379)]
    assert watched.broker_address == "sentinel://:p%40ss@one:26380;sentinel://:p%40ss@two"
    assert watched.broker == "redis"


@pytest.mark.parametrize(
    ("setting", "value"), [("redis_url", "amqp://one"), ("broker_url", "redis://one"), ("broker_url", "one:5672")]
)
def test_a_broker_of_another_kind_is_refused_by_name(setting: str, value: str) -> None:
    with pytest.raises(ValidationError, match="must begin with"):
        Settings.model_validate({setting: value})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_MAX_BODY_BYTES", "1000")
    assert Settings().max_body_bytes == 1000


def test_a_setting_of_a_later_version_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_OF_A_LATER_VERSION", "1")
    assert Settings().api_port == Settings.model_fields["api_port"].default


def test_the_settings_page_is_that_of_the_code() -> None:
    assert (ROOT / "docs/settings.md").read_text() == page(), "copydesk settings --markdown > docs/settings.md"


def test_secrets_are_not_shown() -> None:
    environment = {
        **os.environ,
        "COPYDESK_API_KEY": "cd_hidden",
        "COPYDESK_MONGO_URL": "mongodb://reader:hidden@mongo:27017/",
        "COPYDESK_MAX_FILES": "7",
    }
    shown = subprocess.run([COPYDESK, "settings"], env=environment, capture_output=True, text=True, check=True).stdout
    assert "hidden" not in shown
    assert json.loads(shown)["COPYDESK_MONGO_URL"] == "mongodb://***@mongo:27017/"
    assert json.loads(shown)["COPYDESK_MAX_FILES"] == 7


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("redis://:hid/den@redis:6379/0", "redis://***@redis:6379/0"),
        ("mongodb://a:hid@den@h1,h2/?tls=true", "mongodb://***@h1,h2/?tls=true"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=hidden&tls=true", "mongodb://h/?tlsCertificateKeyFilePassword=***&tls=true"),
        ("mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:hidden", "mongodb://h/?authMechanismProperties=***"),
        ("http://otel:4317/?api_key=hidden", "http://otel:4317/?api_key=***"),
        ("s3://bucket/folder", "s3://bucket/folder"),
    ],
)  # fmt: skip
def test_secrets_in_addresses_are_not_shown(value: str, shown: str) -> None:
    assert _shown(value) == shown
