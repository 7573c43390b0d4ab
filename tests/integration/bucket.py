"""Provide a bucket that a test can stop, delay and inspect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import boto3
import httpx

from services.embedded import free_port
from tests.drill.proxy import Proxy
from tests.integration.conftest import eventually

BUCKET, PREFIX = "copydesk-raw", "of/news"


class Store:
    """Moto's server, reached by Copydesk through ``proxy`` and by the test itself directly."""

    def __init__(self, log: Path) -> None:
        port = free_port()
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
                stdout=out, stderr=out,
            )  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        eventually(self._listens, f"the store listens, its log is {log}")
        keys = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.client = boto3.client("s3", endpoint_url=self.url, **keys)
        self.client.create_bucket(Bucket=BUCKET)
        self.proxy = Proxy(port)

    def _listens(self) -> bool:
        try:
            return httpx.get(f"{self.url}/moto-api/").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def environment(self) -> dict[str, str]:
        return {
            "COPYDESK_RAW_URL": f"s3://{BUCKET}/{PREFIX}",
            "COPYDESK_RAW_ENDPOINT": f"http://127.0.0.1:{self.proxy.port}",
            "COPYDESK_RAW_REGION": "us-east-1",
            "COPYDESK_RAW_ACCESS_KEY_ID": "test",
            "COPYDESK_RAW_SECRET_ACCESS_KEY": "test",
            "COPYDESK_RAW_TIMEOUT_SECONDS": "4",
        }

    def objects(self) -> dict[str, int]:
        """Return the sizes of objects by key."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}

    def stop(self) -> None:
        self.proxy.close()
        self._process.terminate()
        self._process.wait(timeout=20)
