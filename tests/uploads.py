"""Small true files to upload, made in memory."""

import io
import zipfile

from PIL import Image

TYPES = '<?xml version="1.0"?><Types/>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def office(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def docx(text: str = "学习心得", **more: str | bytes) -> bytes:
    body = f"<w:document><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:document>"
    return office({"[Content_Types].xml": TYPES, "word/document.xml": body} | more)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), colour: str = "white", **told: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **told)
    return buffer.getvalue()
