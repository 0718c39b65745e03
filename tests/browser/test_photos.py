"""Handwritten pages photographed by phone: chosen in several goes, put in order, one PDF."""

import io
import re

import pytest
from PIL import Image

from materials.models import SubmissionFile
from tests import factories
from tests.uploads import picture

pytestmark = pytest.mark.browser
COLOURS = {"red": 0, "lime": 1, "blue": 2}


def file(name: str, colour: str) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture("JPEG", (1200, 1600), colour)}


def colours_of(pdf: bytes) -> list[int]:
    found = []
    for image in re.finditer(rb"/DCTDecode /Length (\d+) >>\nstream\n", pdf):
        pixel = Image.open(io.BytesIO(pdf[image.end() : image.end() + int(image[1])])).getpixel((9, 9))
        found.append(max(range(3), key=lambda n: pixel[n]))
    return found


def test_photographs_are_put_in_order_on_a_phone(town, sit_down, watch):
    paper = factories.make_submission(town)
    page = sit_down(town.m1, phone=True)
    page.goto(f"/submissions/{paper.pk}/photos/")
    assert not page.get_by_text("逐张选择").is_visible()
    page.set_input_files("[name=photos]", [file("a.jpg", "red"), file("b.jpg", "lime")])
    page.set_input_files("[name=photos]", [file("c.jpg", "blue")])
    page.get_by_text("共 3 页").wait_for()
    page.get_by_label("第 3 页上移").click()
    page.get_by_label("第 1 页移除").click()
    page.get_by_text("共 2 页").wait_for()
    assert page.locator(".photo-thumb img").count() == 2
    page.get_by_role("button", name="合成 PDF").click()
    page.wait_for_url(f"**/submissions/{paper.pk}/edit/")
    stored = SubmissionFile.objects.get()
    assert stored.name == "手写笔记（2页）.pdf"
    assert colours_of(stored.file.read()) == [COLOURS["blue"], COLOURS["lime"]]
    assert (watch.strangers, watch.complaints) == ([], [])


def test_without_a_script_the_pages_are_numbered(town, sit_down, watch):
    paper = factories.make_submission(town)
    page = sit_down(town.m1, phone=True, script=False)
    page.goto(f"/submissions/{paper.pk}/photos/")
    page.get_by_text("逐张选择").click()
    page.fill("[name=page_1]", "2")
    page.fill("[name=page_2]", "1")
    page.set_input_files("[name=photo_1]", [file("a.jpg", "red")])
    page.set_input_files("[name=photo_2]", [file("b.jpg", "lime")])
    page.get_by_role("button", name="合成 PDF").click()
    page.wait_for_url(f"**/submissions/{paper.pk}/edit/")
    assert colours_of(SubmissionFile.objects.get().file.read()) == [COLOURS["lime"], COLOURS["red"]]
    assert (watch.strangers, watch.complaints) == ([], [])
