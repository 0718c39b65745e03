"""附件: what may come in, and how it goes out."""

import hashlib
import io
import zlib
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from studygroup.lib import files
from studygroup.lib.files import check_upload
from studygroup.lib.uploaded import package
from tests.uploads import PDF, docx, picture


def xlsx() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refused(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        check_upload(upload(name, content))
    return error.value.messages[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("心得.docx", docx()),
        ("台账.xlsx", xlsx()),
        ("文件.PDF", PDF),
        ("照片.jpeg", picture("JPEG")),
        ("照片.png", picture("PNG")),
        ("提纲.txt", "一、认识".encode()),
        ("提纲.txt", "一、认识".encode("gb18030")),
        ("长文.txt", ("学" * 5000).encode()),
        ("长文.txt", ("学a" * 4000).encode("gb18030")),
    ],
)
def test_what_offices_use_is_taken(name, content):
    checked = check_upload(upload(name, content))
    assert (checked.name, checked.size) == (name, len(content))
    assert checked.sha256 == hashlib.sha256(content).hexdigest()


def test_a_path_in_the_name_is_dropped():
    assert check_upload(upload(r"C:\Users\lili\桌面\心得.docx", docx())).name == "心得.docx"


@pytest.mark.parametrize("name", ["病毒.exe", "旧.doc", "页面.html", "图.svg", "宏.docm", "压缩.zip", "没有扩展名"])
def test_other_types_are_refused_by_name(name):
    assert "不能上传" in refused(name, PDF)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("假.pdf", b"<html><script>alert(1)</script></html>"),
        ("假.png", PDF),
        ("假.jpg", b"GIF89a" + b"0" * 50),
        ("假.docx", xlsx()),
        ("假.xlsx", docx()),
        ("假.docx", PDF),
        ("断.docx", docx()[:-30]),
        ("假.txt", b"MZ\x00\x01\x02\x00" * 20),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(name, content):
    assert "内容与扩展名不符" in refused(name, content)


def test_an_empty_file_is_refused():
    assert "空文件" in refused("空.pdf", b"")


def test_a_file_too_large_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert "超过 1 MB" in refused("大.pdf", PDF + b"0" * 1024 * 1024)


@pytest.mark.parametrize("part", ["word/vbaProject.bin", "word/activeX/activeX1.xml"])
def test_macros_and_controls_are_refused(part):
    assert "宏或控件" in refused("宏.docx", docx(**{part: b"\x00"}))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(package, "UNPACKED_MAX_BYTES", 100_000)
    bomb = docx(**{"word/media/a.bin": b"\0" * 200_000})
    assert len(bomb) < 2_000
    assert "解压后过大" in refused("炸弹.docx", bomb)


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(package, "UNPACKED_MAX_ENTRIES", 20)
    assert "解压后过大" in refused("多.docx", docx(**{f"word/{n}.xml": b"" for n in range(20)}))


def test_a_part_larger_than_it_says_is_refused():
    """The size in the directory is a lie: reading stops and nothing is kept."""
    content = bytearray(docx("学" * 1000))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        position = content.rfind(signature) + offset
        content[position : position + 4] = (10).to_bytes(4, "little")
    assert "内容与扩展名不符" in refused("谎.docx", bytes(content))


@pytest.mark.parametrize("mark", ["绝密", "机密★10年", "秘密 ★ 5年"])
def test_classified_material_is_refused(mark):
    assert "密级标志" in refused(f"{mark}.pdf", PDF)
    assert "密级标志" in refused("文件.txt", f"{mark}\n通知".encode())
    assert "密级标志" in refused("文件.docx", docx(f"{mark}</w:t></w:r></w:p><w:p><w:r><w:t>通知"))


def test_a_mark_split_over_runs_is_seen():
    assert "密级标志" in refused("文件.docx", docx("机</w:t></w:r><w:r><w:t>密★</w:t></w:r><w:r><w:t>1年"))


def test_speaking_of_secrecy_is_no_mark():
    assert check_upload(upload("保密工作学习体会.docx", docx("学习保密法，守住秘密。")))


# -- lying and going out -----------------------------------------------------


def test_the_stored_name_tells_nothing(settings):
    name = default_storage.save("submissions/张三的检讨.docx", ContentFile(b"x"))
    folder, month, random = name.split("/")
    assert folder == "submissions"
    assert month.isdigit()
    assert len(random) == 32
    assert (settings.MEDIA_ROOT / name).stat().st_mode & 0o777 == 0o600
    default_storage.delete(name)


def test_a_stored_file_has_no_address():
    with pytest.raises(ValueError, match="没有公开地址"):
        default_storage.url("submissions/x")


def test_a_file_goes_out_as_a_download_no_browser_runs():
    class Stored:
        def open(self, mode):
            return io.BytesIO(b"<script>alert(1)</script>")

    response = files.send(Stored(), "张三 的心得.docx")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''%E5%BC%A0%E4%B8%89%20" in response.headers["Content-Disposition"]
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


# -- PDF ---------------------------------------------------------------------


def test_the_true_name_of_a_pdf_may_speak_of_secrecy():
    assert check_upload(upload("学习保密法.pdf", PDF)).extension == "pdf"


@pytest.mark.parametrize(
    "filling",
    [
        b"/Title(" * 300_000,
        b"9 0 obj /ObjStm stream\n" * 80_000,
        b"<< /FlateDecode >> stream\n" * 80_000,
        b"stream" * 90_000,
        b"/#4c/#4a" * 250_000,
    ],
)
def test_a_pdf_that_repeats_itself_costs_no_more_than_its_size(filling):
    """Two megabytes of what a search might stumble over: judged, one way or the other."""
    with suppress(ValidationError):
        assert check_upload(upload("重复.pdf", PDF[:-6] + filling + b"\n%%EOF\n")).extension == "pdf"


def test_a_table_of_letters_without_end_is_not_spread_out():
    spans = b"begincodespacerange <0000> beginbfrange " + b"<0000> <ffff> <4e00> " * 3000 + b"endbfrange"
    head = b"9 0 obj\n<< /Filter /FlateDecode >>\nstream\n"
    tables = (head + zlib.compress(spans) + b"\nendstream\nendobj\n") * 200
    assert check_upload(upload("表.pdf", PDF.replace(b"trailer", tables + b"trailer"))).size > 0
