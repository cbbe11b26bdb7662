"""Pictures: what is read, what is refused before it costs anything, and that nothing but pixels is kept."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from experiments.errors import DefinitionError
from experiments.picturing import HIGHEST, MOST_BYTES, WIDEST, encode, printed

SECRET = b"taken at 52.5200 N 13.4050 E"


def file(form: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode not in ("P", "1") else 1).save(out, form, **more)
    return out.getvalue()


def read(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body), formats=("WEBP",))


KINDS = {"PNG": ("RGB", "L", "RGBA", "LA", "P", "1", "I;16"), "JPEG": ("RGB", "L", "CMYK"), "WEBP": ("RGB", "L", "RGBA")}


@pytest.mark.parametrize(("form", "mode"), [(form, mode) for form, modes in KINDS.items() for mode in modes])
def test_every_kind_of_picture_becomes_webp(form: str, mode: str) -> None:
    made = encode(file(form, mode=mode))
    assert (made.width, made.height, read(made.body).size) == (40, 20, (40, 20))


def test_metadata_is_gone_and_a_camera_s_turn_is_applied() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET.decode(), 6  # description; turned by a quarter
    for form in ("JPEG", "PNG", "WEBP"):
        sent = file(form, exif=exif, **({"comment": SECRET} if form == "JPEG" else {}))
        assert SECRET in sent
        made = encode(sent)
        assert SECRET not in made.body
        assert (made.width, made.height) == (20, 40)
        assert not read(made.body).getexif()
        assert {b"EXIF", b"XMP ", b"ICCP"} & {made.body[i : i + 4] for i in range(12, len(made.body) - 4)} == set()


@pytest.mark.parametrize("data", [
    b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"<!doctype html><script>alert(1)</script>",
    b"GIF89a" + 40 * b"\0", b"%PDF-1.7", file()[:60], b"\x89PNG\r\n\x1a\n" + 100 * b"\0", b"RIFF\x24\0\0\0WAVEfmt ", b"\xff\xd8\xff" + 50 * b"\xff",
    file("BMP"), file("TIFF"), file("GIF"),
])  # fmt: skip
def test_what_is_no_picture_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(DefinitionError, match="is no picture that can be read; send a PNG"):
        encode(data)


def test_a_file_that_is_a_picture_and_a_script_keeps_its_picture_alone() -> None:
    script = b"<script>fetch('/people')</script>"
    made = encode(file() + script)
    assert script not in made.body
    assert b"<script" not in encode(file("JPEG", comment=script)).body


def test_what_is_too_large_is_refused_before_its_pixels_are_read() -> None:
    with pytest.raises(DefinitionError, match="the file has more than 5 MB"):
        encode(file() + MOST_BYTES * b"\0")
    for side, words in ((6_000, "has 36 million pixels"), (12_000, "has over 89 million pixels"), (60_000, "has over 89 million")):
        with pytest.raises(DefinitionError, match=words):
            encode(_bomb(side))


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    made = encode(file(size=(3_200, 1_000)))
    assert (made.width, made.height) == (WIDEST, 500)
    assert encode(file(size=(100, 6_400))).height == HIGHEST


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (10, 10), c) for c in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    red, _, blue = read(encode(out.getvalue()).body).convert("RGB").getpixel((5, 5))
    assert red > 200 > 50 > blue


def _bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims so many pixels."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells what it passes over in metadata, which is not kept
def test_a_damaged_file_is_read_or_refused_and_nothing_else() -> None:
    rng = np.random.default_rng(11)
    noise = Image.fromarray(rng.integers(0, 256, (20, 40, 3), dtype=np.uint8))
    for form in ("PNG", "JPEG", "WEBP"):
        out = io.BytesIO()
        noise.save(out, form)
        for _ in range(60):
            damaged = bytearray(out.getvalue())
            for place in rng.integers(3, len(damaged), 4):
                damaged[place] = rng.integers(256)
            with contextlib.suppress(DefinitionError):
                assert encode(bytes(damaged)).width <= WIDEST


def test_what_is_printed_is_a_small_jpeg_on_white_and_the_same_each_time() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (1_000, 500), (255, 0, 0, 0)).save(clear, "PNG")
    made = printed(encode(clear.getvalue()).body)
    assert made is not None
    image = Image.open(io.BytesIO(made.body), formats=("JPEG",))
    assert (image.size, image.getpixel((5, 5))) == ((900, 450), (255, 255, 255))
    printed.cache_clear()
    assert printed(encode(clear.getvalue()).body) == made
    assert printed(b"RIFF\x24\0\0\0WEBPVP8 ") is None
