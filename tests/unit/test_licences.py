"""The licences of installed packages: all are known and listed, and none restricts the users of an image."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

from deploy import licences

ROOT = Path(__file__).parents[2]


def stating(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def test_every_package_that_is_installed_is_listed_with_its_licence() -> None:
    assert licences.PAGE.read_text("utf-8") == licences.page(), "run `make licences`"


def test_a_package_that_states_no_known_licence_is_refused() -> None:
    for metadata in (stating(), stating(License="see the file"), stating(Classifier="License :: OSI Approved")):
        with pytest.raises(licences.UnknownLicence, match="paperclip"):
            licences.licence("paperclip", metadata)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (stating(License_Expression="MIT OR Apache-2.0"), "MIT OR Apache-2.0"),
        (stating(License="Apache 2.0"), "Apache-2.0"),
        (stating(License="see LICENSE", Classifier="License :: OSI Approved :: MIT License"), "MIT"),
    ],
)
def test_a_licence_is_told_by_its_spdx_name(metadata: Message, expected: str) -> None:
    assert licences.licence("paperclip", metadata) == expected


def test_a_licence_that_was_read_by_hand_is_of_a_package_that_is_installed() -> None:
    installed = {package.name for package in licences.packages(licences.LOCKS["development"])}
    assert licences.READ.keys() <= installed


def test_what_is_in_an_image_but_not_permissive_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    permissive = {
        "AND", "OR", "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU",
        "PSF-2.0", "Zlib",
    }  # fmt: skip
    for package in licences.packages(licences.LOCKS["worker"]):
        assert not package.licence.startswith(("GPL", "AGPL")), package
        if not set(package.licence.replace("(", "").replace(")", "").split()) <= permissive:
            assert re.search(rf"\b{re.escape(package.name)}\b|{package.name.replace('-', '_')}", notice), package


def test_every_file_of_others_in_the_console_has_its_licence_beside_it() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for file in [*(ROOT / "services").rglob("*.LICENSE")]:
        assert file.stem.replace("-", " ").lower() in notice.replace("-", " ").lower(), file


def test_the_client_has_the_same_licence() -> None:
    assert (ROOT / "clients/python/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_bill_of_materials_names_every_package_of_an_image(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "deploy.licences", "--sbom", tmp_path], cwd=ROOT, check=True, timeout=60)
    for image in licences.IMAGES:
        bill = json.loads((tmp_path / f"copydesk-{image}.cdx.json").read_text("utf-8"))
        assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
        named = {(one["name"], one["version"]) for one in bill["components"]}
        assert named == {(one.name, one.version) for one in licences.packages(licences.LOCKS[image])}
        for component in bill["components"]:
            assert component["licenses"][0]["expression"]
            assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        assert set(bill["dependencies"][0]["dependsOn"]) == {one["bom-ref"] for one in bill["components"]}
