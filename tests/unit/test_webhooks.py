"""Webhooks: signatures that a receiver's library accepts, secrets, and when a message is tried again."""

from __future__ import annotations

import base64

from services.store.webhooks import PAUSES_SECONDS
from services.webhooks import _pause, new_secret, sign


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of its specification, https://github.com/standard-webhooks/standard-webhooks."""
    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, id, 1614265330, b'{"test": 2432232314}') == expected
    assert sign(secret, id, 1614265331, b'{"test": 2432232314}') != expected
    assert sign(secret, id, 1614265330, b'{"test": 2432232315}') != expected


def test_a_secret_is_256_random_bits() -> None:
    made = {new_secret() for _ in range(10)}
    assert len(made) == 10
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in made} == {32}


def test_pauses_are_those_of_the_schedule_a_fifth_more_or_less() -> None:
    for tried, seconds in enumerate(PAUSES_SECONDS):
        found = [_pause(tried) for _ in range(20)]
        assert all(one is not None and 0.8 * seconds <= one <= 1.2 * seconds for one in found)
        assert len(set(found)) > 1
    assert _pause(len(PAUSES_SECONDS)) is None
