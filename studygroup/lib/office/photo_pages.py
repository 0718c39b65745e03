"""Photographs of pages from standard input, one PDF to standard output: run as a program of its own by `photos.join`.

Arguments: where Pillow lies, the length of every photograph, how large the PDF may become. Standard error tells which
photograph is being worked on, and why it was refused. One is unpacked at a time; nothing of a photograph but its
picture gets into the PDF (no place, no time, no camera).
"""

import io
import json
import resource
import sys
from typing import Any, BinaryIO

MEMORY_BYTES, CPU_SECONDS = 768 * 1024 * 1024, 20
LONG_SIDE = 2000
# A JPEG is reduced while it is unpacked; a PNG has to be unpacked whole.
MOST_PIXELS = {"JPEG": 120_000_000, "MPO": 120_000_000, "PNG": 40_000_000}
QUALITIES = (80, 65, 50, 35)
A4, MARGIN = (595.28, 841.89), 18.0
ORIENTATION = 0x0112
REFUSED = 3


class Unreadable(Exception):
    """Why, to be said after the photograph's name."""


def picture(data: bytes) -> Any:
    """The photograph upright, on white, at most LONG_SIDE long, in RGB or grey."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # judged here, by kind
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
        photo: Any = opened
        if photo.width * photo.height > MOST_PIXELS[photo.format or "PNG"]:
            raise Unreadable("像素过多，请用手机的普通画质重新拍")
        turn = turned(photo)
        if photo.mode.startswith("I"):  # 16 bits a pixel
            photo = photo.convert("I").point(lambda value: value / 256).convert("L")
        elif photo.mode not in ("L", "RGB", "RGBA", "CMYK"):
            photo = photo.convert("RGBA" if "transparency" in photo.info or photo.mode == "LA" else "RGB")
        photo.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        photo.load()  # a small one is still unread
        if photo.mode == "RGBA":
            white = Image.new("RGB", photo.size, "white")
            white.paste(photo, mask=photo.getchannel("A"))
            photo = white
        photo = photo if photo.mode in ("L", "RGB") else photo.convert("RGB")
        return photo if turn is None else photo.transpose(turn)


def turned(photo: Any) -> Any:
    """How the camera was held; a note of it that cannot be read is no reason to refuse the photograph."""
    from PIL import Image

    turns = Image.Transpose
    known = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }
    try:
        return known.get(photo.getexif().get(ORIENTATION))
    except Exception:
        return None


def packed(photo: Any, most: int) -> bytes:
    """As JPEG, no larger than its share."""
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=quality)
        data = buffer.getvalue()
        if len(data) <= most:
            break
    return data


class Pdf:
    """The few objects of PDF that pages of one picture need, written one after the other."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.at, self.places, self.pages = out, 0, {}, []
        self.next = 3  # 1 is the catalog, 2 the tree of pages
        self.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def write(self, data: bytes) -> None:
        self.out.write(data)
        self.at += len(data)

    def add(self, number: int, entries: str, stream: bytes | None = None) -> None:
        self.places[number] = self.at
        length = f" /Length {len(stream)}" if stream is not None else ""
        self.write(f"{number} 0 obj\n<< {entries}{length} >>\n".encode("ascii"))
        if stream is not None:
            self.write(b"stream\n" + stream + b"\nendstream\n")
        self.write(b"endobj\n")

    def page(self, photo: Any, most: int) -> None:
        wide, high = A4 if photo.height >= photo.width else A4[::-1]
        scale = min((wide - 2 * MARGIN) / photo.width, (high - 2 * MARGIN) / photo.height)
        width, height = photo.width * scale, photo.height * scale
        left, bottom = (wide - width) / 2, (high - height) / 2
        drawn = f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {bottom:.2f} cm /P Do Q".encode("ascii")
        page, content, image = self.next, self.next + 1, self.next + 2
        self.next += 3
        colours = "DeviceGray" if photo.mode == "L" else "DeviceRGB"
        shape = f"/Width {photo.width} /Height {photo.height} /ColorSpace /{colours} /BitsPerComponent 8"
        self.add(image, f"/Type /XObject /Subtype /Image {shape} /Filter /DCTDecode", packed(photo, most))
        self.add(content, "", drawn)
        box = f"/MediaBox [0 0 {wide} {high}] /Resources << /XObject << /P {image} 0 R >> >>"
        self.add(page, f"/Type /Page /Parent 2 0 R {box} /Contents {content} 0 R")
        self.pages.append(page)

    def finish(self) -> None:
        kids = " ".join(f"{page} 0 R" for page in self.pages)
        self.add(2, f"/Type /Pages /Count {len(self.pages)} /Kids [{kids}]")
        self.add(1, "/Type /Catalog /Pages 2 0 R")
        start = self.at
        self.write(f"xref\n0 {self.next}\n0000000000 65535 f \n".encode("ascii"))
        for number in range(1, self.next):
            self.write(f"{self.places[number]:010d} 00000 n \n".encode("ascii"))
        self.write(f"trailer\n<< /Size {self.next} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii"))


def tell(told: dict[str, Any]) -> None:
    sys.stderr.write(json.dumps(told) + "\n")
    sys.stderr.flush()


def join(lengths: list[int], most: int) -> None:
    pdf = Pdf(sys.stdout.buffer)
    for number, length in enumerate(lengths):
        tell({"photo": number})
        pdf.page(picture(sys.stdin.buffer.read(length)), most // len(lengths))
    pdf.finish()
    sys.stdout.buffer.flush()


def main() -> None:
    most = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most * 2, most * 2))
    sys.path.append(sys.argv[1])
    try:
        join([int(length) for length in sys.argv[2].split(",")], most)
    except Unreadable as refusal:
        tell({"refused": str(refusal)})
    except MemoryError:
        tell({"refused": "太大，打开它需要的内存太多，请用手机的普通画质重新拍"})
    except Exception:  # whatever a decoder raises for what it cannot read
        tell({"refused": "已损坏，打不开，请重新拍摄或重新选择"})
    else:
        return
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
