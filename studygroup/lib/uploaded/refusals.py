"""The sentences an upload is refused with. Each says what is wrong and what helps."""

from studygroup.lib.errors import Refused


def mismatch(name: str) -> Refused:
    return Refused(f"“{name}”的内容与扩展名不符，可能已损坏。请用原软件重新保存后再上传。")


def old_or_locked(name: str) -> Refused:
    return Refused(
        f"“{name}”设了打开密码，或是旧格式（doc、xls、wps）改的扩展名，没有保存。请去掉密码，另存为新格式后再上传。"
    )


def too_large(name: str) -> Refused:
    return Refused(f"“{name}”解压后过大，没有保存。请删去多余的图片或工作表后再上传。")


def active(name: str) -> Refused:
    return Refused(f"“{name}”带有宏或控件，或引用别处的模板、文件，没有保存。请另存为普通文件后再上传。")


def embedded(name: str) -> Refused:
    return Refused(f"“{name}”里嵌有别的文件，没有保存。请删去嵌入的对象，需要的文件单独上传。")


def doctype(name: str) -> Refused:
    return Refused(f"“{name}”里有不该有的内容（DOCTYPE），没有保存。请用 Word 或 WPS 重新另存后再上传。")


def two_in_one(name: str) -> Refused:
    return Refused(f"“{name}”里夹带了网页、脚本或压缩包，没有保存。请用原软件重新保存，照片请重新拍摄或截图后再上传。")


def lively_pdf(name: str) -> Refused:
    return Refused(f"“{name}”带有脚本、自动运行的动作或内嵌文件，没有保存。请用“打印—另存为 PDF”重新生成后再上传。")


def locked_pdf(name: str) -> Refused:
    return Refused(f"“{name}”设了密码或限制，归档以后可能打不开，没有保存。请去掉密码，重新生成后再上传。")


def too_many_pixels(name: str) -> Refused:
    return Refused(f"“{name}”的像素过多，没有保存。请用普通画质重新拍摄或截图后再上传。")
