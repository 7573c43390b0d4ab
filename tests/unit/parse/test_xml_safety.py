"""Hostile XML: nothing is fetched, nothing is included, nothing explodes."""

from __future__ import annotations

import pytest

from tests.unit.parse import samples
from workers.parse import ParseError, parse


def nitf_with(doctype: str, entity: str) -> bytes:
    text = samples.nitf().decode()
    return text.replace("<nitf>", f"{doctype}<nitf>").replace(samples.THIRD, f"Before {entity} after.").encode()


def test_external_entities_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    for system in (secret.as_uri(), "http://127.0.0.1:9/x"):
        article = parse(nitf_with(f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{system}">]>', "&x;")).article
        assert article is not None
        assert "the secret" not in article.text
        assert "Before" in article.text


def test_entities_do_not_explode():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE nitf [<!ENTITY l0 "laugh">{levels}]>'
    try:
        article = parse(nitf_with(doctype, "&l9;")).article
    except ParseError as error:
        assert error.code == "corrupt"
    else:
        assert article is not None and len(article.text) < 10_000


def test_a_dtd_is_not_fetched(tmp_path):
    dtd = tmp_path / "x.dtd"
    dtd.write_text('<!ENTITY x "from the dtd">')
    article = parse(nitf_with(f'<!DOCTYPE nitf SYSTEM "{dtd.as_uri()}">', "&x;")).article
    assert article is not None and "from the dtd" not in article.text


@pytest.mark.parametrize("tag", ["b", "div", "table"])
def test_deep_nesting_is_survived(tag):
    deep = f"<{tag}>" * 20_000 + "x" + f"</{tag}>" * 20_000
    mail = f"From: a@x.example\nTo: b@x.example\nDate: x\nSubject: s\nContent-Type: text/html\n\n{deep}".encode()
    for data in (mail, samples.nitf().replace(samples.THIRD.encode(), deep.encode())):
        try:
            parse(data)
        except ParseError as error:
            assert error.code in ("too_deep", "corrupt", "empty")
