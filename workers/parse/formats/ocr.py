"""Read pictures of text with Tesseract, if the operator has installed it and turned it on."""

from __future__ import annotations

import os
import shutil
import subprocess

from workers.parse.base import Limits, ParseError


def read_picture(picture: bytes, limits: Limits) -> str:
    """Return the text of a picture in any format that Tesseract knows, with blank lines between paragraphs.

    Raises ParseError ``needs_ocr`` if OCR is off or not installed, ``corrupt`` if the picture cannot be read,
    ``timeout`` if that takes longer than ``limits.ocr_seconds``.
    """
    if not limits.ocr:
        raise ParseError("needs_ocr", "This is a picture of text; set COPYDESK_PARSE_OCR=true to have it read.")
    program = shutil.which("tesseract")
    if program is None:
        raise ParseError("needs_ocr", "This is a picture of text; install Tesseract on the workers to have it read.")
    command = [program, "stdin", "stdout", "-l", limits.ocr_languages]
    environment = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    if data := os.environ.get("TESSDATA_PREFIX"):
        environment["TESSDATA_PREFIX"] = data
    try:
        done = subprocess.run(  # noqa: S603
            command, input=picture, capture_output=True, timeout=limits.ocr_seconds, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise ParseError("timeout", f"Tesseract took longer than {limits.ocr_seconds:g} seconds for a page.") from None
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ParseError("corrupt", f"Tesseract could not read the picture: {message[-1] if message else 'no reason'}.")
    return done.stdout.decode("utf-8", "replace").replace("\x0c", "\n\n")
