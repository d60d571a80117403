"""Pictures that people upload of themselves: what comes in is not trusted, what is kept was made here.

Whatever is sent is decoded and drawn anew as a small square, so nothing of the file survives: no metadata
(where a photograph was taken, say), no trailing bytes, no second meaning.
"""

import hashlib
import logging
import warnings
from io import BytesIO
from threading import Lock

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from realtime.errors import ErrorCode, Refused

from .models import Avatar, User

logger = logging.getLogger("postroom.accounts")

LIMIT = 2 * 1024 * 1024  # bytes of a file
# A file of that size can claim to be of any dimensions. So many pixels are 80 MB while they are decoded, and
# more than the cameras of telephones take into two megabytes.
PIXELS = 20_000_000
LONGEST = 20_000  # pixels of a side: each row costs by itself, and no panorama is wider
SIDE = 192  # pixels; the page shows 36 to 96, on screens with up to three of its own for each
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# One picture at a time: that memory is needed once per process, whoever uploads.
_decoding = Lock()


def change_picture(data: bytes, *, acting_user: User) -> str:
    """Make `data`, an image file, somebody's own picture; its digest.

    The next payload that names them has it. Raises `Refused`: `too_long` for more than `LIMIT` bytes,
    `invalid` for what is no such picture or has too many pixels.
    """
    image = _drawn(data)
    digest = hashlib.sha256(b"%d " % acting_user.pk + image).hexdigest()[:20]
    with transaction.atomic():
        Avatar.objects.update_or_create(
            user=acting_user, defaults={"digest": digest, "image": image, "changed_at": timezone.now()}
        )
        _note(acting_user, digest)
    return digest


def remove_picture(user: User, *, acting_user: User) -> None:
    """Go back to the drawn avatar; where there is no picture, nothing happens.

    Raises `Refused` with `forbidden` for somebody else's, without the permission `accounts.sanction_users`.
    """
    if user.pk != acting_user.pk and not acting_user.has_perm("accounts.sanction_users"):
        raise Refused(ErrorCode.FORBIDDEN)
    with transaction.atomic():
        Avatar.objects.filter(user=user).delete()
        _note(user, "")


def _note(user: User, digest: str) -> None:
    # No signal: a picture says nothing about anybody's session.
    User.objects.filter(pk=user.pk).update(picture=digest)
    user.picture = digest


def _drawn(data: bytes) -> bytes:
    """The middle of a picture as a small square WebP."""
    if len(data) > LIMIT:
        raise Refused(ErrorCode.TOO_LONG, _("The picture is larger than 2 MB."))
    try:
        with _decoding, warnings.catch_warnings():
            # Pillow warns of what is refused below.
            warnings.simplefilter("ignore")
            return _decoded(data)
    except Refused:
        raise
    except Exception as problem:
        # Decoders meet whatever anybody sends and fail in many ways. Each means: this is no picture.
        logger.info("a picture could not be read: %r", problem)
        raise Refused(ErrorCode.INVALID, _("This is no picture in PNG, JPEG, WebP or GIF.")) from problem


def _decoded(data: bytes) -> bytes:
    with Image.open(BytesIO(data), formats=FORMATS) as file:  # reads the header and no more
        if file.width * file.height > PIXELS or max(file.size) > LONGEST:
            raise Refused(ErrorCode.INVALID, _("The picture has too many pixels."))
        file.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG need not be decoded in full for this
        file.seek(0)  # of an animation the first picture
        upright = ImageOps.exif_transpose(file)
        has_holes = upright.has_transparency_data
        square = ImageOps.fit(upright.convert("RGBA" if has_holes else "RGB"), (SIDE, SIDE))
    out = BytesIO()
    # Drawn onto a new one: what belongs to the file (its profile, its comments) stays behind.
    clean = Image.new(square.mode, square.size)
    clean.paste(square)
    clean.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
