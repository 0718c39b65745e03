"""附件: what may come in, where it lies, how it goes out.

Only a view that has found the row through `visible_to` calls `send`; no folder of files is ever served.
"""

import hashlib
import re
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
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
SECRET_MARK = re.compile(r"绝密|机密\s*★|秘密\s*★|机密级|秘密级")


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
    if SECRET_MARK.search(name):
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
    try:
        with zipfile.ZipFile(upload) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > UNPACKED_MAX_ENTRIES or sum(e.file_size for e in entries) > UNPACKED_MAX_BYTES:
                raise ValidationError(f"“{name}”解压后过大，没有保存。请删去多余的图片或工作表后再上传。")
            if "[Content_Types].xml" not in names or OFFICE_PARTS[extension] not in names:
                raise mismatch
            if any("vbaproject" in n.lower() or "activex" in n.lower() for n in names):
                raise ValidationError(f"“{name}”带有宏或控件，没有保存。请另存为不带宏的文件后再上传。")
            if extension == "docx":
                with package.open(OFFICE_PARTS["docx"]) as part:
                    text = part.read(512 * 1024).decode("utf-8", errors="ignore")
                _refuse_secret(re.sub(r"<[^>]*>", "", text)[:2000])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise mismatch from error


def _refuse_secret(first_page: str) -> None:
    if SECRET_MARK.search(first_page[:2000]):
        raise ValidationError("文件首页带有密级标志。本系统只处理非涉密材料，文件没有保存。")


def send(file: FieldFile, name: str) -> FileResponse:
    """The file as a download that no browser will run or frame."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
