"""附件: what may come in, where it lies, how it goes out.

Only a view that has found the row through `visible_to` calls `send`; no folder of files is ever served.
"""

import hashlib
import io
import re
import secrets
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils import timezone

UNPACKED_MAX_BYTES = 200 * 1024 * 1024
UNPACKED_MAX_ENTRIES = 2000
OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
ALLOWED_EXTENSIONS = ("docx", "xlsx", "pptx", "pdf", "jpg", "jpeg", "png", "txt")
ACCEPT = ",".join(f".{extension}" for extension in ALLOWED_EXTENSIONS)
REMOTE_TARGET = re.compile(rb"Target\s*=\s*[\"'](?:https?:|ftp:|\\\\)", re.IGNORECASE)
SECRET_MARK = re.compile(r"绝密|机密★|秘密★|机密级|秘密级")


class PrivateStorage(FileSystemStorage):
    """Random names below MEDIA_ROOT; the original name is a column of its row."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        folder = PurePosixPath(name).parent
        return str(folder / f"{timezone.localdate():%Y%m}" / secrets.token_hex(16))

    def url(self, name: str | None) -> str:
        raise ValueError("附件没有公开地址，只能经由检查权限的页面下载。")


@dataclass(frozen=True)
class Checked:
    """What is known of an accepted upload."""

    name: str
    extension: str
    size: int
    sha256: str


def check_upload(upload: UploadedFile) -> Checked:
    """Accept or refuse an upload by its content. Raises ValidationError with a Chinese sentence."""
    name = PurePosixPath((upload.name or "").replace("\\", "/")).name.strip()[:150]
    size = upload.size or 0
    extension = name.rpartition(".")[2].lower()
    if extension not in ALLOWED_EXTENSIONS:
        raise ValidationError(
            f"“{name}”的类型不能上传。可以上传：Word、Excel、PPT（docx、xlsx、pptx）、PDF、图片、txt。"
        )
    if size == 0:
        raise ValidationError(f"“{name}”是空文件，请检查后重新选择。")
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise ValidationError(f"“{name}”超过 {limit} MB，请压缩图片或拆分后再上传。")
    if _bears_secret_mark(name):
        raise ValidationError("文件名带有密级标志。本系统只处理非涉密材料，文件没有保存。")
    _check_content(upload, name, "jpg" if extension == "jpeg" else extension)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return Checked(name, extension, size, digest.hexdigest())


def _check_content(upload: UploadedFile, name: str, extension: str) -> None:
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    mismatch = ValidationError(f"“{name}”的内容与扩展名不符，可能已损坏。请用原软件重新保存后再上传。")
    if extension in OFFICE_PARTS:
        if not head.startswith(b"PK\x03\x04"):
            raise mismatch
        _check_office(upload, name, extension, mismatch)
    elif extension == "txt":
        _check_text(head, mismatch)
    elif not head.startswith(MAGIC[extension]):
        raise mismatch


def _check_text(head: bytes, mismatch: ValidationError) -> None:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[:4000].decode(encoding, errors="strict" if len(head) < 4000 else "ignore")
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise mismatch
        _refuse_secret(text)
        return
    raise mismatch


def _check_office(upload: UploadedFile, name: str, extension: str, mismatch: ValidationError) -> None:
    if _announced_entries(upload) > UNPACKED_MAX_ENTRIES:
        raise ValidationError(f"“{name}”解压后过大，没有保存。请删去多余的图片或工作表后再上传。")
    try:
        with zipfile.ZipFile(upload) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > UNPACKED_MAX_ENTRIES or sum(e.file_size for e in entries) > UNPACKED_MAX_BYTES:
                raise ValidationError(f"“{name}”解压后过大，没有保存。请删去多余的图片或工作表后再上传。")
            if "[Content_Types].xml" not in names or OFFICE_PARTS[extension] not in names:
                raise mismatch
            _refuse_active(package, names, name)
            if extension == "docx":
                with package.open(OFFICE_PARTS["docx"]) as part:
                    text = part.read(512 * 1024).decode("utf-8", errors="ignore")
                _refuse_secret(re.sub(r"<[^>]*>", "", text)[:2000])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        raise mismatch from None  # the parser's frames would keep the whole directory in memory


def _announced_entries(upload: UploadedFile) -> int:
    """How many entries the archive's directory has room for, read from its last record before anything is parsed."""
    upload.seek(max(0, (upload.size or 0) - 66_000))
    tail = upload.read()
    upload.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0  # no archive: the parser says so
    count, size = struct.unpack("<HL", tail[at + 10 : at + 16])
    if count == 0xFFFF or size == 0xFFFFFFFF:  # a zip64 directory is larger than any of ours
        return UNPACKED_MAX_ENTRIES + 1
    return max(count, size // 600)  # an entry of an Office file takes some 60 to 200 bytes


def _refuse_active(package: zipfile.ZipFile, names: set[str], name: str) -> None:
    """Macros, controls and templates fetched from elsewhere, whatever their parts are called."""
    active = ("vbaproject", "activex", "macrosheet")
    found = any(word in part.lower() for part in names for word in active)
    with package.open("[Content_Types].xml") as part:
        types = part.read(512 * 1024).lower()
    found = found or b"macroenabled" in types or b"vbaproject" in types
    if "word/_rels/settings.xml.rels" in names:
        with package.open("word/_rels/settings.xml.rels") as part:
            found = found or REMOTE_TARGET.search(part.read(64 * 1024)) is not None
    if found:
        raise ValidationError(f"“{name}”带有宏或控件，或引用外部模板，没有保存。请另存为普通文件后再上传。")


def _bears_secret_mark(text: str) -> bool:
    return SECRET_MARK.search(re.sub(r"\s", "", text)) is not None


def _refuse_secret(first_page: str) -> None:
    if _bears_secret_mark(first_page[:2000]):
        raise ValidationError("文件首页带有密级标志。本系统只处理非涉密材料，文件没有保存。")


def send(file: FieldFile, name: str) -> FileResponse:
    """The file as a download that no browser will run or frame."""
    return _download(file.open("rb"), name)


def send_stored(stored: str, name: str) -> FileResponse:
    """What lies in the private storage under a name no row's column holds."""
    return _download(default_storage.open(stored, "rb"), name)


def send_made(content: bytes, name: str) -> FileResponse:
    """A document made for this very answer, as such a download."""
    return _download(io.BytesIO(content), name)


def _download(file: Any, name: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
