"""附件: what may come in, where it lies, how it goes out.

Only a view that has found the row through `visible_to` calls `send`; no folder of files is ever served.
"""

import hashlib
import io
import re
import secrets
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

from studygroup.lib.errors import Refused
from studygroup.lib.office.characters import file_name, plain
from studygroup.lib.uploaded import content, scanner, secrecy

ALLOWED_EXTENSIONS = ("docx", "xlsx", "pptx", "pdf", "jpg", "jpeg", "png", "txt")
ACCEPT = ",".join(f".{extension}" for extension in ALLOWED_EXTENSIONS)
LONGEST_NAME = 150
OLD_OFFICE = "请用原软件打开，另存为 docx、xlsx 或 pptx 后再上传。"
APPLE_PHOTO = "苹果手机请在“设置—相机—格式”里选“兼容性最佳”后重拍，或把照片另存为 jpg。"
OTHER_TYPES = dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps", "rtf"), OLD_OFFICE) | dict.fromkeys(
    ("heic", "heif"), APPLE_PHOTO
)


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
    name, extension = _name_of(upload)
    size = upload.size or 0
    if extension not in ALLOWED_EXTENSIONS:
        hint = OTHER_TYPES.get(extension, "可以上传：Word、Excel、PPT（docx、xlsx、pptx）、PDF、图片、txt。")
        raise ValidationError(f"“{name}”的类型不能上传。{hint}")
    if size == 0:
        raise ValidationError(f"“{name}”是空文件，请检查后重新选择。")
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise ValidationError(f"“{name}”超过 {limit} MB，请压缩图片或拆分后再上传。")
    if secrecy.is_marked(name):
        raise ValidationError("文件名带有密级标志。本系统只处理非涉密材料，文件没有保存。")
    try:
        content.CHECKS[extension](upload, name)
        scanner.scan(upload, name)
    except Refused as refusal:
        raise ValidationError(refusal.message) from None  # the frames would keep what was being read
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return Checked(name, extension, size, digest.hexdigest())


def _name_of(upload: UploadedFile) -> tuple[str, str]:
    """A name every system can keep and every page can show, cut before its extension; and the extension."""
    told = PurePosixPath((upload.name or "").replace("\\", "/").replace("\x00", "")).name
    stem, dot, extension = plain(told).strip().rpartition(".")
    if not dot:
        return file_name(extension, LONGEST_NAME), ""
    extension = re.sub(r"\W", "", extension)[:10]
    return f"{file_name(stem, LONGEST_NAME - len(extension) - 1)}.{extension}", extension.lower()


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
