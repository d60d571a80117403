"""What may be uploaded as a picture, what is kept of it, and how it is served."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts import avatars
from accounts.models import Avatar, User
from comments.events import comment_payload
from comments.models import Comment, Post
from realtime.budgets import PICTURES
from realtime.errors import ErrorCode, Refused
from tests.cast import again, sitting_at, write

pytestmark = pytest.mark.django_db

PLACE = b"geo:37.5665,126.9780"


def a_picture(format: str = "PNG", size: tuple[int, int] = (400, 300), **options: Any) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def kept(user: User) -> Image.Image:
    return Image.open(BytesIO(bytes(Avatar.objects.get(user=user).image)))


def upload(client: Client, data: bytes, name: str = "me.png", content_type: str = "image/png") -> Any:
    file = SimpleUploadedFile(name, data, content_type)
    return client.post("/accounts/settings/", {"action": "picture", "picture": file})


def refused(data: bytes, user: User) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        avatars.change_picture(data, acting_user=user)
    assert not Avatar.objects.exists()
    assert again(user).picture == ""
    return refusal.value.code


def test_whoever_is_not_logged_in_uploads_nothing(owner: User) -> None:
    response = upload(Client(), a_picture())

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/accounts/settings/"
    assert not Avatar.objects.exists()


def test_nobody_but_who_may_sanction_takes_somebody_elses_picture_away(
    owner: User, stranger: User, moderator: User, manager: User
) -> None:
    avatars.change_picture(a_picture(), acting_user=owner)

    for person in (stranger, moderator):
        with pytest.raises(Refused) as refusal:
            avatars.remove_picture(owner, acting_user=person)
        assert refusal.value.code == ErrorCode.FORBIDDEN
    assert again(owner).picture
    avatars.remove_picture(owner, acting_user=manager)
    assert again(owner).picture == ""


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_usual_kind_of_picture_becomes_a_small_square(format: str, owner: User) -> None:
    digest = avatars.change_picture(a_picture(format), acting_user=owner)

    found = kept(owner)
    assert (found.format, found.size) == ("WEBP", (192, 192))
    left, right = (found.convert("RGB").getpixel(place) for place in ((20, 96), (170, 96)))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]
    assert again(owner).picture == digest == Avatar.objects.get().digest


def test_nothing_of_the_file_survives(owner: User) -> None:
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    data = a_picture("JPEG", exif=exif, icc_profile=b"profile", comment=PLACE) + PLACE
    assert data.count(PLACE) == 3

    avatars.change_picture(data, acting_user=owner)

    assert PLACE not in bytes(Avatar.objects.get().image)
    assert b"profile" not in bytes(Avatar.objects.get().image)
    assert not kept(owner).getexif()


def test_a_photograph_stands_as_it_was_held(owner: User) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    avatars.change_picture(a_picture("JPEG", (400, 400), exif=exif), acting_user=owner)

    top = kept(owner).convert("RGB").getpixel((96, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200


def test_what_is_transparent_stays_so(owner: User) -> None:
    out = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")

    avatars.change_picture(out.getvalue(), acting_user=owner)

    assert kept(owner).convert("RGBA").getpixel((96, 96))[3] == 0  # type: ignore[index]


def test_of_an_animation_the_first_picture_is_taken(owner: User) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])

    avatars.change_picture(out.getvalue(), acting_user=owner)

    assert getattr(kept(owner), "n_frames", 1) == 1
    pixel = kept(owner).convert("RGB").getpixel((96, 96))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="SVG"),
        pytest.param(b"GIF89a<script>alert(1)</script>", id="a script that calls itself GIF"),
        pytest.param(a_picture("BMP"), id="BMP"),
        pytest.param(a_picture("TIFF"), id="TIFF"),
        pytest.param(a_picture("PDF"), id="PDF"),
        pytest.param(a_picture()[:200], id="half a PNG"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, id="noise behind a PNG's first bytes"),
    ],
)
def test_what_is_no_such_picture_is_refused(data: bytes, owner: User) -> None:
    assert refused(data, owner) == ErrorCode.INVALID


@pytest.mark.parametrize("size", [(20_000, 10_000), (1, 1_000_000)])
def test_a_small_file_of_many_pixels_is_refused_before_it_is_decoded(
    size: tuple[int, int], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = BytesIO()
    Image.new("1", size).save(out, "PNG")
    assert len(out.getvalue()) < 50_000

    def decode(*args: Any) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(Image.Image, "convert", decode)
    assert refused(out.getvalue(), owner) == ErrorCode.INVALID


def test_a_file_of_more_than_two_megabytes_is_refused(owner: User) -> None:
    assert refused(a_picture() + bytes(avatars.LIMIT), owner) == ErrorCode.TOO_LONG
    response = upload(sitting_at(owner), a_picture() + bytes(avatars.LIMIT))
    assert response.status_code == 422
    assert "larger than 2 MB" in response.content.decode()


def test_the_form_takes_a_picture_and_lets_go_of_it(owner: User) -> None:
    client = sitting_at(owner)

    # What the browser says of the file counts for nothing.
    assert upload(client, a_picture("GIF"), "me.exe", "text/html").status_code == 302
    page = client.get("/accounts/settings/").content.decode()
    assert f"/avatars/{again(owner).picture}.webp" in page
    assert "Remove the picture" in page

    assert client.post("/accounts/settings/", {"action": "remove-picture"}).status_code == 302
    assert not Avatar.objects.exists()
    assert again(owner).picture == ""
    assert "Remove the picture" not in client.get("/accounts/settings/").content.decode()


def test_a_form_without_a_file_says_so(owner: User) -> None:
    response = sitting_at(owner).post("/accounts/settings/", {"action": "picture"})

    assert response.status_code == 422
    assert "choose a file" in response.content.decode()


def test_pictures_have_a_budget(owner: User) -> None:
    client = sitting_at(owner)
    codes = [upload(client, a_picture(size=(4, 4))).status_code for _ in range(PICTURES.amount + 1)]

    assert codes == [302] * PICTURES.amount + [422]


def test_a_picture_is_served_for_ever_and_to_everybody(owner: User) -> None:
    avatars.change_picture(a_picture(), acting_user=owner)
    address = again(owner).picture_address
    assert address == reverse("accounts:avatar", args=[again(owner).picture])

    for client in (Client(), sitting_at(owner)):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert len(captured) == 1  # who asks is not looked at
        assert response.content == bytes(Avatar.objects.get().image)
        assert response["Content-Type"] == "image/webp"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "sandbox" in response["Content-Security-Policy"]
        assert "Cookie" not in response.get("Vary", "")


def test_a_page_may_show_pictures_of_this_site_only(post: Post) -> None:
    policy = Client().get(post.get_absolute_url())["Content-Security-Policy"]

    assert "img-src 'self' data:" in policy


def test_another_picture_has_another_address_and_the_old_one_is_gone(owner: User, stranger: User) -> None:
    first = avatars.change_picture(a_picture(), acting_user=owner)
    assert avatars.change_picture(a_picture(), acting_user=stranger) != first  # the same picture, theirs
    second = avatars.change_picture(a_picture(size=(30, 30)), acting_user=owner)

    assert second != first
    assert Client().get(f"/avatars/{first}.webp").status_code == 404
    assert Client().get(f"/avatars/{second}.webp").status_code == 200


def test_a_comment_names_the_picture_only_if_there_is_one(comment: Comment, owner: User) -> None:
    assert "picture" not in comment_payload(comment)["author"]
    digest = avatars.change_picture(a_picture(), acting_user=owner)

    later = write(owner, comment.post, "Look at me")

    assert comment_payload(later)["author"]["picture"] == f"/avatars/{digest}.webp"
    page = Client().get(comment.post.get_absolute_url()).content.decode()
    assert page.count(f'src="/avatars/{digest}.webp"') == 2
