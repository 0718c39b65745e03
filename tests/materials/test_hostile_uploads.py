"""1,000 hostile or broken uploads through the pages: none is served as a page, none crashes anything, each refusal
says why, nothing typed is lost, and what each costs is bounded by work counted, not by time measured.
"""

import html
import re
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from materials.models import Submission, SubmissionFile
from studygroup.lib.files import LONGEST_NAME, check_upload
from tests import factories
from tests.hostile_files import EICAR, EXTENSIONS, Hostile, thousand, valid

NEW, FROM_WORD = reverse("submission_create"), reverse("submission_from_document")
TITLE, BODY = "留得住的标题", "留得住的正文，一个字也不少。"
PAPER = {"kind": "reflection", "title": TITLE, "body": BODY, "written_on": "2020-03-14"}
SENTENCE = re.compile(r"[\u4e00-\u9fff].*。$")
# What a refusal must speak of, so that nothing is refused only because it was badly made.
REASONS = {
    "wrong_type": "不能上传",
    "mismatch": "不符|旧格式",
    "macros": "宏|嵌有",
    "remote": "引用别处",
    "bomb": "解压后过大|不符|嵌有",
    "entities": "DOCTYPE|不符",
    "polyglot": "夹带|不符",
    "renamed_page": "夹带|不符",
    "pixels": "像素|不符",
    "secret": "密级标志",
    "lively_pdf": "脚本|密码",
    "parcel": "嵌有|宏",
    "empty": "空文件",
}


def page(response):
    return html.unescape(response.content.decode())


def post(client, address, told, files):
    """As a browser sends it, but with names no browser would let through."""
    lines = []
    for name, value in told.items():
        lines.append(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, hostile in files:
        written = f"filename*=utf-8''{quote(hostile.name.encode(), safe='')}"
        if len(written) > 900:  # a head must not be longer than 1024 bytes
            written = f'filename="{hostile.name}"'
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"; {written}\r\n'
        lines.append(head.encode() + b"Content-Type: text/html\r\n\r\n" + hostile.content + b"\r\n")
    body = b"".join(lines) + b"--x--\r\n"
    return client.generic("POST", address, body, content_type="multipart/form-data; boundary=x")


def refusals(response):
    """The sentences shown at the field or above the form."""
    shown = re.findall(r'<p class="invalid-feedback">(.*?)</p>', response.content.decode(), re.DOTALL)
    for box in re.findall(r'message-error" role="alert">(.*?)</div>', response.content.decode(), re.DOTALL):
        shown += re.findall(r"<p>(.*?)</p>", box, re.DOTALL)
    return [html.unescape(sentence).strip() for sentence in shown]


@pytest.fixture(scope="module")
def hostile_files():
    return list(thousand())


def check(hostile):
    """What `check_upload` says: its refusal, or "" for what it takes."""
    upload = SimpleUploadedFile("x", hostile.content)
    upload._name = hostile.name
    try:
        checked = check_upload(upload)
    except ValidationError as error:
        (sentence,) = error.messages
        return sentence
    assert not re.search(r'[\x00-\x1f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]', checked.name)
    assert len(checked.name) <= LONGEST_NAME
    return ""


# -- the check itself --------------------------------------------------------


def test_a_thousand_are_judged_and_every_refusal_says_why(hostile_files):
    assert len(hostile_files) == 1000
    seen = Counter()
    for hostile in hostile_files:
        said = check(hostile)
        seen[hostile.kind, bool(said)] += 1
        assert said or hostile.harmless, (hostile.kind, hostile.name)
        if said:
            assert SENTENCE.search(said), said
            assert re.search(REASONS.get(hostile.kind, "。"), said), (hostile.kind, hostile.name, said)
    for kind in dict.fromkeys(hostile.kind for hostile in hostile_files):
        print(f"{kind}: refused {seen[kind, True]}, accepted {seen[kind, False]}")


def test_the_true_files_they_are_made_from_are_taken():
    """Without this everything above could be refused for a mistake in the making."""
    import random

    rng = random.Random(1)
    for extension in EXTENSIONS:
        for _ in range(5):
            assert check(Hostile("valid", f"真.{extension}", valid(extension, rng))) == ""


class Counting(SimpleUploadedFile):
    """How much of it is read."""

    taken = 0

    def read(self, *size):
        data = self.file.read(*size)
        self.taken += len(data)
        return data


@contextmanager
def inflating(monkeypatch):
    """Counts what is unpacked, by whomever."""
    made, real = Counter(), zlib.decompressobj

    class Unpacker:
        def __init__(self, *args):
            self.inner = real(*args)

        def decompress(self, *args):
            data = self.inner.decompress(*args)
            made["bytes"] += len(data)
            return data

        def __getattr__(self, name):
            return getattr(self.inner, name)

    with monkeypatch.context() as patch:
        patch.setattr(zlib, "decompressobj", Unpacker)
        yield made


def test_a_file_is_read_a_few_times_and_a_bomb_hardly_unpacked(hostile_files, monkeypatch):
    for hostile in hostile_files:
        upload = Counting("x", hostile.content)
        upload._name = hostile.name
        with inflating(monkeypatch) as made, suppress(ValidationError):
            check_upload(upload)
        assert upload.taken <= 6 * len(hostile.content) + 1000, (hostile.kind, hostile.name)
        assert made["bytes"] <= 2_000_000, (hostile.kind, hostile.name)


MEASURE = """
import io, resource, django
from contextlib import suppress
django.setup()
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from studygroup.lib.errors import Refused
from studygroup.lib.files import check_upload
from studygroup.lib.office.texts import read_text
from studygroup.lib.photos import join
from tests.hostile_files import thousand
from tests.uploads import docx, picture
kinds = ("bomb", "entities", "pixels", "truncated", "polyglot")
chosen = [h for h in thousand() if h.kind in kinds]
texts = [h.content for h in chosen if h.name.endswith("docx")][::5]
paragraphs = "<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 200_000
texts.append(docx(**{"word/document.xml": "<w:document>" + paragraphs + "</w:document>"}))
large = picture("JPEG", (4000, 3000), "gray")
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for hostile in chosen:
    upload = SimpleUploadedFile("x", hostile.content)
    upload._name = hostile.name
    with suppress(ValidationError):
        check_upload(upload)
for content in texts:
    with suppress(Refused):
        read_text("a.docx", content)
join([(io.BytesIO(large), "a.jpg")] * 20)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
print(grown // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def test_the_memory_of_the_server_hardly_grows_and_that_of_the_readers_is_bounded(settings):
    command = [sys.executable, "-c", MEASURE]
    told = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    server, readers = map(int, done.stdout.split())
    print(f"the server grew by {server} MB, the largest reader had {readers} MB")
    assert server < 120
    assert readers < 512


# -- through the pages -------------------------------------------------------


def doors(hostile_files):
    """Every file goes through one of the three doors it fits; what fits none is tried at one of them all the same."""
    sorted_out = {"paper": [], "word": [], "photos": []}
    for number, hostile in enumerate(hostile_files):
        extension = hostile.name.rpartition(".")[2].lower()
        fitting = {"docx": "word", "txt": "word", "jpg": "photos", "png": "photos"}.get(extension)
        door = fitting if fitting and number % 2 else "paper"
        sorted_out[door if number % 10 else ("word", "photos")[number // 10 % 2]].append(hostile)
    return sorted_out


def is_kept(client, paper, hostile):
    """Stored as it came, and only ever sent as a download that no browser runs."""
    file = paper.files.get()
    answer = client.get(reverse("submission_file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == hostile.content
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert not re.search(r"[\r\n\x00]", answer.headers["Content-Disposition"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert len(file.name) <= LONGEST_NAME


def nothing_kept():
    return not Submission.objects.exists() and not SubmissionFile.objects.exists()


def clear():
    SubmissionFile.objects.all().delete()
    Submission.objects.all().delete()


def test_attachments_of_a_paper(cast, as_, hostile_files):
    """Refused ones four at a time, each with its own sentence; the others alone."""
    client, seen = as_(cast.m1), Counter()
    judged = [(hostile, check(hostile)) for hostile in doors(hostile_files)["paper"]]
    refused = [pair for pair in judged if pair[1]]
    for start in range(0, len(refused), 4):
        some = refused[start : start + 4]
        answer = post(client, NEW, PAPER, [("uploads", hostile) for hostile, _ in some])
        assert answer.status_code == 200
        assert [said for _, said in some] == refusals(answer)
        assert TITLE in page(answer)
        assert BODY in page(answer)
        seen["refused"] += len(some)
    assert nothing_kept()
    for hostile, _ in (pair for pair in judged if not pair[1]):
        answer = post(client, NEW, PAPER, [("uploads", hostile)])
        assert answer.status_code == 302, hostile.name
        is_kept(client, Submission.objects.get(), hostile)
        clear()
        seen["accepted"] += 1
    print(f"attachments: {dict(seen)}")


def test_beginning_with_a_file(cast, as_, hostile_files):
    client, seen = as_(cast.m1), Counter()
    for hostile in doors(hostile_files)["word"]:
        answer = post(client, FROM_WORD, {"kind": "reflection"}, [("file", hostile)])
        if answer.status_code == 302:
            assert hostile.harmless
            paper = Submission.objects.get()
            assert paper.title
            assert not re.search(r"[\x00-\x08\u202a-\u202e]", paper.title + paper.body)
            is_kept(client, paper, hostile)
            clear()
        else:
            assert answer.status_code == 200
            (said,) = refusals(answer)
            assert SENTENCE.search(said), (hostile.name, said)
            assert re.search(r'value="reflection"[^>]*checked', page(answer))
            assert nothing_kept()
        seen[answer.status_code] += 1
    print(f"from Word: refused {seen[200]}, accepted {seen[302]}")


def test_photographs(cast, as_, hostile_files):
    paper, client, seen = factories.make_submission(cast), as_(cast.m1), Counter()
    address = reverse("submission_photos", args=[paper.pk])
    for hostile in doors(hostile_files)["photos"]:
        answer = post(client, address, {}, [("photos", hostile)])
        if answer.status_code == 302:
            assert hostile.harmless
            pdf = paper.files.get().file.read()
            assert pdf.startswith(b"%PDF-1.4")
            assert b"<script" not in pdf
            SubmissionFile.objects.all().delete()
        else:
            assert answer.status_code == 200
            assert SENTENCE.search(refusals(answer)[0]), hostile.name
            assert not SubmissionFile.objects.exists()
        seen[answer.status_code] += 1
    print(f"photographs: refused {seen[200]}, accepted {seen[302]}")


# -- the virus scanner -------------------------------------------------------


class Clamd(threading.Thread):
    """Speaks INSTREAM on a port of its own; `answer` is what it says to whatever it is sent."""

    def __init__(self, answer=None):
        super().__init__(daemon=True)
        self.answer, self.heard = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\x00"
                data = b""
                while length := struct.unpack("!L", stream.read(4))[0]:
                    data += stream.read(length)
                self.heard.append(data)
                found = b"stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in data else b"stream: OK"
                connection.sendall((self.answer if self.answer is not None else found) + b"\x00")


@pytest.fixture
def clamd(settings):
    started = []

    def start(answer=None):
        server = Clamd(answer)
        started.append(server)
        server.start()
        settings.CLAMD_ADDRESS = server.address
        return server

    yield start
    for server in started:
        server.socket.close()


def test_what_the_scanner_finds_is_refused_and_the_rest_is_not(cast, as_, clamd):
    server = clamd()
    told = [("uploads", Hostile("virus", "病毒.txt", EICAR))]
    answer = post(as_(cast.m1), NEW, PAPER, told)
    assert refusals(answer) == [
        "“病毒.txt”没有通过病毒检查（Win.Test.EICAR_HDB-1），没有保存。请在自己的电脑上查杀病毒后再上传。"
    ]
    assert TITLE in page(answer)
    assert nothing_kept()
    post(as_(cast.m1), NEW, PAPER, [("uploads", Hostile("text", "好.txt", "学习。".encode()))])
    assert Submission.objects.get().files.get().name == "好.txt"
    assert server.heard == [EICAR, "学习。".encode()]


def test_a_scanner_that_does_not_answer_lets_nothing_through(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{taken.getsockname()[1]}"
    assert "没有应答" in check(Hostile("text", "好.txt", b"abc"))
    settings.CLAMD_ADDRESS = "/nonexistent/clamd.sock"
    assert "没有应答" in check(Hostile("text", "好.txt", b"abc"))


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR", b"\xff\xfe", b"stream: OK or not"])
def test_a_scanner_that_says_anything_but_ok_lets_nothing_through(clamd, answer):
    clamd(answer)
    assert "病毒检查没有完成" in check(Hostile("text", "好.txt", b"abc"))


def test_without_an_address_nobody_is_asked(settings):
    assert settings.CLAMD_ADDRESS == ""
    assert check(Hostile("text", "好.txt", b"abc")) == ""
