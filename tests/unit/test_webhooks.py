"""Webhooks: signatures that a receiver's library accepts, and addresses that are never told anything."""

from __future__ import annotations

import base64

import pytest

from services.settings import Settings
from services.store.webhooks import PAUSES_SECONDS
from services.webhooks import Refused, _pause, _public, new_secret, resolve, sign


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


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
     "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
)  # fmt: skip
def test_no_address_of_our_own_networks_is_public(address: str) -> None:
    assert not _public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert _public(address)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://192.0.0.9/", "give an address as https://host/path"),
        ("https:///path", "give an address as https://host/path"),
        ("https://desk:secret@192.0.0.9/", "without a password"),
        ("https://192.0.0.9:99999/", "cannot be looked up"),
        ("http://[::1]/", "COPYDESK_WEBHOOK_PRIVATE=true allows that"),
        ("http://2130706433/", "private network"),
    ],
    ids=["FTP", "no host", "password", "no such port", "loopback", "loopback as one number"],
)
def test_a_refusal_says_what_to_do(url: str, told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        resolve(url, Settings())
    assert "secret" not in str(refused.value)


def test_private_addresses_are_told_where_the_settings_allow_it() -> None:
    assert resolve("http://127.0.0.1:9/hook", Settings(webhook_private=True)) == "127.0.0.1"


def test_pauses_are_those_of_the_schedule_a_fifth_more_or_less() -> None:
    for tried, seconds in enumerate(PAUSES_SECONDS):
        found = [_pause(tried) for _ in range(20)]
        assert all(one is not None and 0.8 * seconds <= one <= 1.2 * seconds for one in found)
        assert len(set(found)) > 1
    assert _pause(len(PAUSES_SECONDS)) is None
