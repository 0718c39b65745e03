"""Papers that begin with a file: a text from Word, photographs of handwritten pages."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from PIL import Image

from accounts.actions.people import enrol
from materials.actions.paper_request import ask_for_papers, excuse
from materials.models import Submission, SubmissionFile
from reviews.chain import State
from studygroup.lib.clock import local_date
from tests import factories
from tests.conftest import SINCE
from tests.uploads import docx, picture

FROM_WORD = reverse("submission_from_document")
FROM_PHOTOS = reverse("submission_from_photos")
ORIENTATION, GPS = 0x0112, 0x8825


def page(response):
    return response.content.decode()


def upload(name, content):
    return SimpleUploadedFile(name, content)


def word(*paragraphs):
    """A text as Word itself would save it, by (text, style)."""
    document = Document()
    for text, style in paragraphs:
        document.add_paragraph(text, style=style)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


LETTER = word(
    ("深入基层的几点体会", "Title"), ("一、认识", "Heading 1"), ("走村入户。", None), ("第一条", "List Number")
)


def photo(width=60, height=40, colour="white", exif=None):
    return picture("JPEG", (width, height), colour, **({"exif": exif} if exif else {}))


def pages_of(pdf):
    """(media box, picture) of every page, in the order of the file."""
    boxes = [tuple(map(float, found.split())) for found in re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)]
    pictures = []
    for found in re.finditer(rb"/DCTDecode /Length (\d+) >>\nstream\n", pdf):
        data = pdf[found.end() : found.end() + int(found[1])]
        pictures.append(Image.open(io.BytesIO(data)))
    return list(zip(boxes, pictures, strict=True))


# -- from Word ---------------------------------------------------------------


def test_a_word_file_becomes_a_draft_with_the_original_attached(cast, as_):
    client = as_(cast.m1)
    answer = client.post(FROM_WORD, {"kind": "reflection", "file": upload("我的体会.docx", LETTER)}, follow=True)
    paper = Submission.objects.select_related("review").get()
    assert (paper.title, paper.body) == ("深入基层的几点体会", "一、认识\n走村入户。\n1.第一条")
    assert (paper.author, paper.kind, paper.review.state) == (cast.m1, "reflection", State.DRAFT)
    assert answer.redirect_chain[-1][0] == reverse("submission_edit", args=[paper.pk])
    assert "已取出标题“深入基层的几点体会”和正文 14 字，原文件留作附件。" in page(answer)
    file = SubmissionFile.objects.get()
    assert (file.name, file.file.read()) == ("我的体会.docx", LETTER)


def test_a_text_file_without_a_title_is_named_after_the_file(cast, as_):
    text = "学习贵在坚持，我每天早上读一个小时，坚持了三年。\r\n  第二段。".encode("gb18030")
    answer = as_(cast.m1).post(FROM_WORD, {"kind": "reading_note", "file": upload("坚持.txt", text)}, follow=True)
    paper = Submission.objects.get()
    assert (paper.title, paper.kind) == ("坚持", "reading_note")
    assert paper.body == "学习贵在坚持，我每天早上读一个小时，坚持了三年。\n第二段。"
    assert "没有认出标题，先用了文件名" in page(answer)


def test_what_was_not_taken_over_is_said(cast, as_):
    body = (
        '<w:document xmlns:w="w" xmlns:a="a"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>题目</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>没有序号的小标题</w:t></w:r></w:p>'
        "<w:p><w:r><w:drawing><a:blip/></w:drawing><w:commentReference/></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc>"
        "</w:tr></w:tbl></w:document>"
    )
    file = upload("a.docx", docx(**{"word/document.xml": body}))
    answer = page(as_(cast.m1).post(FROM_WORD, {"kind": "reflection", "file": file}, follow=True))
    assert "没有带过来：1 张图片、1 条批注" in answer
    assert "表格改成了一行一行的文字。" in answer
    assert "有 1 个小标题没有" in answer


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("旧.doc", b"\xd0\xcf\x11\xe0" + b"0" * 600, "另存为"),
        ("表.xlsx", b"PK\x03\x04", "请选择 Word 文档"),
        ("扫描.pdf", b"%PDF-1.4 %%EOF", "PDF 里的文字不能可靠地取出"),
        ("改名.docx", b"\xd0\xcf\x11\xe0" + b"0" * 600, "设了打开密码，或是旧格式"),
        ("空白.docx", docx("　"), "文件里没有文字"),
        ("太长.txt", ("学习。" * 17_000).encode(), "超过 50000 字"),
        ("空.txt", b"", "空文件"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(cast, as_, name, content, said):
    answer = as_(cast.m1).post(FROM_WORD, {"kind": "speech", "file": upload(name, content)})
    assert answer.status_code == 200
    assert said in page(answer)
    assert re.search(r'value="speech"[^>]*checked', page(answer))
    assert not Submission.objects.exists()


def test_the_file_and_the_kind_are_asked_for(cast, as_):
    answer = page(as_(cast.m1).post(FROM_WORD))
    assert "请选择文件。" in answer
    assert "请选择这是哪一类材料。" in answer


def test_pressed_twice_makes_one_draft(cast, as_):
    client = as_(cast.m1)
    for _ in range(2):
        client.post(FROM_WORD, {"kind": "reflection", "file": upload("a.docx", LETTER)})
    assert Submission.objects.count() == 1


def test_the_new_paper_page_leads_there_and_hands_on_what_it_was_told(cast, as_):
    session = factories.make_session(cast)
    shown = page(as_(cast.m1).get(reverse("submission_create"), {"session": session.pk, "kind": "speech"}))
    assert f"{FROM_WORD}?session={session.pk}&amp;kind=speech" in shown
    client = as_(cast.m1)
    assert f'name="session" value="{session.pk}"' in page(client.get(FROM_WORD, {"session": session.pk}))
    client.post(FROM_WORD, {"kind": "speech", "session": session.pk, "file": upload("a.docx", LETTER)})
    assert Submission.objects.get().session == session


def test_a_foreign_session_is_not_taken_along(cast, as_):
    foreign = factories.make_session(cast, group=cast.foreign_group, by=cast.foreign_office)
    answer = as_(cast.m1).post(FROM_WORD, {"kind": "speech", "session": foreign.pk, "file": upload("a.docx", LETTER)})
    assert not Submission.objects.exists()
    assert foreign.title not in page(answer)


def test_who_writes_nothing_may_not(cast, as_):
    for address in (FROM_WORD, FROM_PHOTOS):
        assert as_(cast.supervisor).get(address).status_code == 403


def test_who_writes_in_two_groups_is_asked_for_which(cast, as_, now):
    told = {"category": "member", "title": "", "starts_on": SINCE, "position": 9, "by": None}
    enrol(group=cast.sub_group, user=cast.m1, at=now, **told)
    client = as_(cast.m1)
    assert 'name="group"' in page(client.get(FROM_WORD))
    client.post(FROM_WORD, {"group": cast.sub_group.pk, "kind": "speech", "file": upload("a.docx", LETTER)})
    assert Submission.objects.get().group == cast.sub_group


# -- photographs -------------------------------------------------------------


def draft(cast, **facts):
    return factories.make_submission(cast, **facts)


def send(client, paper, **told):
    return client.post(reverse("submission_photos", args=[paper.pk]), told, follow=True)


def test_photographs_become_one_pdf_in_the_order_chosen(cast, as_):
    paper = draft(cast)
    chosen = [upload(f"{n}.jpg", photo(60, 40, colour)) for n, colour in enumerate(("red", "lime", "blue"))]
    answer = send(as_(cast.m1), paper, photos=chosen)
    assert "3 张照片已合成“手写笔记（3页）.pdf”，作为附件。" in page(answer)
    file = SubmissionFile.objects.get()
    assert (file.submission, file.name) == (paper, "手写笔记（3页）.pdf")
    colours = [picture.getpixel((5, 5)) for _, picture in pages_of(file.file.read())]
    assert [max(range(3), key=lambda n: colour[n]) for colour in colours] == [0, 1, 2]


def test_without_a_script_the_numbers_decide(cast, as_):
    paper = draft(cast)
    told = {"page_1": 3, "photo_1": upload("a.jpg", photo(colour="red"))}
    told |= {"page_2": 1, "photo_2": upload("b.jpg", photo(colour="lime"))}
    told |= {"page_3": 2, "photo_3": upload("c.png", picture("PNG", colour="blue"))}
    send(as_(cast.m1), paper, **told)
    colours = [picture.getpixel((5, 5)) for _, picture in pages_of(SubmissionFile.objects.get().file.read())]
    assert [max(range(3), key=lambda n: colour[n]) for colour in colours] == [1, 2, 0]


def test_a_photograph_is_turned_upright_and_tells_no_place(cast, as_):
    exif = Image.Exif()
    exif[ORIENTATION], exif[GPS] = 6, {1: "N", 2: (39.0, 54.0, 0.0)}
    send(as_(cast.m1), draft(cast), photos=[upload("a.jpg", photo(60, 40, exif=exif))])
    pdf = SubmissionFile.objects.get().file.read()
    ((_, _, wide, high), shown) = pages_of(pdf)[0]
    assert shown.size == (40, 60)
    assert high > wide
    assert b"Exif" not in pdf
    assert not shown.getexif()


def test_a_large_photograph_is_made_smaller(cast, as_):
    send(as_(cast.m1), draft(cast), photos=[upload("a.jpg", photo(4000, 1000))])
    ((_, shown),) = pages_of(SubmissionFile.objects.get().file.read())
    assert shown.size == (2000, 500)


def test_a_broken_photograph_is_named_and_nothing_is_kept(cast, as_):
    """Whole to the eye of a check that only looks at its frame; the joiner cannot open it."""
    good, bad = photo(), bytearray(photo(200, 200, "gray"))
    middle = bad.index(b"\xff\xc4") + 4
    bad[middle : middle + 16] = b"\xff" * 16
    chosen = [upload("好.jpg", good), upload("坏.jpg", bytes(bad))]
    answer = send(as_(cast.m1), draft(cast), photos=chosen)
    assert "“坏.jpg”已损坏，打不开" in page(answer)
    assert "请重新选择" in page(answer)
    assert not SubmissionFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("笔记.heic", b"0000ftypheic", "HEIC"),
        ("笔记.pdf", b"%PDF-1.4 %%EOF", "不是照片"),
        ("断.jpg", photo(300, 300)[:-40], "可能已损坏"),
    ],
)
def test_what_is_no_photograph_is_refused_by_name(cast, as_, name, content, said):
    answer = page(send(as_(cast.m1), draft(cast), photos=[upload("好.jpg", photo()), upload(name, content)]))
    assert name in answer
    assert said in answer
    assert not SubmissionFile.objects.exists()


def test_too_many_and_none_at_all_are_told(cast, as_):
    paper = draft(cast)
    assert "请选择照片。" in page(send(as_(cast.m1), paper))
    many = [upload(f"{n}.jpg", photo()) for n in range(21)]
    assert "一次最多 20 张照片" in page(send(as_(cast.m1), paper, photos=many))


def test_a_new_paper_can_begin_with_photographs(cast, as_):
    told = {"kind": "reading_note", "title": "读书摘记", "photos": [upload("a.jpg", photo())]}
    answer = as_(cast.m1).post(FROM_PHOTOS, told, follow=True)
    paper = Submission.objects.get()
    assert (paper.title, paper.body, paper.kind) == ("读书摘记", "", "reading_note")
    assert [file.name for file in paper.files.all()] == ["手写笔记（1页）.pdf"]
    assert "1 张照片已合成一个 PDF" in page(answer)


def test_a_new_paper_refused_keeps_what_was_typed(cast, as_):
    told = {"kind": "reading_note", "title": "留得住的标题", "photos": [upload("a.gif", b"GIF89a")]}
    answer = page(as_(cast.m1).post(FROM_PHOTOS, told))
    assert "留得住的标题" in answer
    assert re.search(r'value="reading_note"[^>]*checked', answer)
    assert not Submission.objects.exists()


def test_only_the_author_adds_and_only_to_what_he_may_still_change(cast, as_):
    case = factories.walk_to(draft(cast, author=cast.m1).review, State.RETURNED, cast)
    address = reverse("submission_photos", args=[case.submission.pk])
    assert as_(cast.office).get(address).status_code == 403
    assert as_(cast.m2).get(address).status_code == 404
    factories.walk_to(case, State.FIRST_REVIEW, cast)
    assert "不能再修改" in page(as_(cast.m1).get(address, follow=True))
    refused = send(as_(cast.m1), case.submission, photos=[upload("a.jpg", photo())])
    assert "正在审核或已经通过，不能修改" in page(refused)
    assert not SubmissionFile.objects.exists()


def test_the_edit_page_leads_to_the_camera(cast, as_):
    paper = draft(cast)
    assert reverse("submission_photos", args=[paper.pk]) in page(
        as_(cast.m1).get(reverse("submission_edit", args=[paper.pk]))
    )


def test_a_request_is_taken_along_only_as_it_could_be_chosen(cast, as_, now):
    told = {
        "group": cast.group,
        "kind": "reflection",
        "title": "体会",
        "due_on": local_date(now),
        "by": cast.office,
        "at": now,
    }
    asked = ask_for_papers(people=[cast.m1.pk], **told)
    client, facts = as_(cast.m1), {"request": asked.pk}

    def sent(kind="reflection", text="正文。"):
        return client.post(FROM_WORD, {**facts, "kind": kind, "file": upload("稿.txt", f"题目\n{text}".encode())})

    assert "这次布置的是心得体会" in page(sent("speech"))
    assert sent().status_code == 302
    assert Submission.objects.get().request == asked
    assert sent(text="又一篇。").status_code == 200  # answered by the other draft
    Submission.objects.update(request=None)
    excuse(asked=asked.people.get(), reason="在县党校脱产学习", by=cast.office, at=now)
    assert sent(text="再一篇。").status_code == 200
    assert Submission.objects.count() == 1
