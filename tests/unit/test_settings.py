import pytest
from pydantic import SecretStr, ValidationError

from services.settings import Settings


def test_limits_that_do_not_nest_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="COPYDESK_TASK_HARD_SECONDS must be shorter than COPYDESK_LEASE_SECONDS"):
        Settings(task_hard_seconds=120, lease_seconds=90)


def test_a_password_with_url_characters_is_escaped() -> None:
    found = Settings(redis_url="redis://redis:6379/0", redis_password=SecretStr("p@ss/word:1"))
    assert found.broker_url == "redis://:p%40ss%2Fword%3A1@redis:6379/0"
    assert "p@ss" not in repr(found)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_MAX_BODY_BYTES", "1000")
    assert Settings().max_body_bytes == 1000
