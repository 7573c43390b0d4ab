"""The second factor: codes by time (TOTP, RFC 6238) and, for whoever has lost their telephone, recovery codes.

The secret is in the database of secrets, ``credentials.totp``; ``step`` is the last 30 seconds whose code was used, and
none of those or earlier ones is taken again. A recovery code has 80 random bits, is stored as a hash, and works once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

import pyotp
import segno
from pymongo.asynchronous.database import AsyncDatabase

from services.store.rights import USERS
from services.store.users import CREDENTIALS, Doc, secret

STEP_SECONDS = 30
AROUND = 1
"""How many steps a telephone's clock may be early or late."""
RECOVERY_CODES = 10
ISSUER = "Copydesk"


async def begin(db: AsyncDatabase[Doc], user: str) -> str:
    """Return a new secret for the person's app. It counts once they have sent a code of it (`confirm`)."""
    made = pyotp.random_base32()
    await secret(db)[CREDENTIALS].update_one({"_id": user}, {"$set": {"pending": made}}, upsert=True)
    return made


def picture(made: str, email: str) -> str:
    """Return the QR code that apps read, as SVG to put into a page."""
    uri = pyotp.TOTP(made).provisioning_uri(name=email, issuer_name=ISSUER)
    return segno.make(uri, micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="code")


async def confirm(db: AsyncDatabase[Doc], user: str, code: str) -> list[str] | None:
    """Set the second factor up if the code fits the new secret. Returns the recovery codes, which nobody can show
    again; None if the code is wrong."""
    kept = secret(db)[CREDENTIALS]
    pending = (await kept.find_one({"_id": user}) or {}).get("pending")
    step = _step(pending, code) if pending else None
    if step is None:
        return None
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    change = {
        "$set": {"totp": {"secret": pending, "step": step}, "recovery": [_hash(one) for one in codes]},
        "$unset": {"pending": ""},
    }
    changed = await kept.update_one({"_id": user, "pending": pending}, change)
    if not changed.modified_count:
        return None
    await db[USERS].update_one({"_id": user}, {"$set": {"second_factor": True}})
    return codes


async def use(db: AsyncDatabase[Doc], user: str, code: str) -> bool:
    """Return whether the code is right, and use it up: it is refused from then on."""
    kept = secret(db)[CREDENTIALS]
    own = await kept.find_one({"_id": user}) or {}
    if "totp" not in own:
        return False
    step = _step(own["totp"]["secret"], code)
    if step is not None:
        newer = {"_id": user, "totp.secret": own["totp"]["secret"], "totp.step": {"$lt": step}}
        return (await kept.update_one(newer, {"$set": {"totp.step": step}})).modified_count == 1
    recovery = _hash(code)
    used = await kept.update_one({"_id": user, "recovery": recovery}, {"$pull": {"recovery": recovery}})
    return used.modified_count == 1


async def remove(db: AsyncDatabase[Doc], user: str) -> None:
    await secret(db)[CREDENTIALS].update_one({"_id": user}, {"$unset": {"totp": "", "recovery": "", "pending": ""}})
    await db[USERS].update_one({"_id": user}, {"$set": {"second_factor": False}})


def _step(made: str, code: str) -> int | None:
    """Return the step whose code this is, of the current one and those around it."""
    given = "".join(code.split())
    now = int(time.time() // STEP_SECONDS)
    totp = pyotp.TOTP(made, interval=STEP_SECONDS)
    fitting = [step for step in range(now - AROUND, now + AROUND + 1)
               if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode())]  # fmt: skip
    return fitting[0] if fitting else None


def _recovery_code() -> str:
    """Return a code such as ``k3vq-7d2m-…``, four groups of four letters and digits."""
    made = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(made[at : at + 4] for at in range(0, len(made), 4))


def _hash(code: str) -> str:
    return hashlib.sha256("".join(char for char in code.lower() if char.isalnum()).encode()).hexdigest()
