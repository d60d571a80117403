"""The mail a site has sent, and the code an authenticator app would show."""

import email
import email.policy
import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode
from email.message import EmailMessage
from pathlib import Path

from tests.servers import Site


def newest_to(site: Site, address: str) -> str:
    """The text of the newest message to an address."""
    messages: list[tuple[float, str]] = []
    for path in Path(site.var_dir, "mail").glob("*.log"):
        # The file backend writes the messages of one connection after each other, between lines.
        for source in re.split(r"\n-{60,}\n", path.read_text()):
            message = email.message_from_string(source, _class=EmailMessage, policy=email.policy.default)
            if address in str(message["To"]):
                messages.append((path.stat().st_mtime_ns, message.get_content()))
    assert messages, f"no mail to {address}"
    return max(messages)[1]


def link_in(text: str, site: Site) -> str:
    """The path of the first link to the site."""
    found = re.search(rf"{re.escape(site.url)}(/\S+)", text)
    assert found is not None, text
    return found[1]


def totp(secret: str) -> str:
    """RFC 6238 with what every app assumes: SHA-1, 30 seconds, six digits."""
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
