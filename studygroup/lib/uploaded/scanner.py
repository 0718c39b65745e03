"""The hook for a virus scanner: clamd, spoken to over a socket. Off until CLAMD_ADDRESS names one.

A scanner that is asked for and does not answer refuses everything: a file nobody has looked at is not stored.
"""

import re
import socket
import struct
from typing import Any

from django.conf import settings

from studygroup.lib.errors import Refused
from studygroup.lib.uploaded.pieces import pieces

CONNECT_SECONDS, ANSWER_SECONDS, LONGEST_ANSWER = 3, 30, 4096


def scan(upload: Any, name: str) -> None:
    """Raises Refused for what the scanner finds, and when it cannot be asked."""
    if not settings.CLAMD_ADDRESS:
        return
    try:
        answer = _ask(settings.CLAMD_ADDRESS, upload)
    except OSError:
        raise Refused(
            f"病毒检查服务现在没有应答，“{name}”没有保存。请稍后再传；一直这样的，请联系系统管理员。"
        ) from None
    if found := re.search(r": (.{1,80}) FOUND", answer):
        virus = re.sub(r"[^\w.\-]", "", found[1])
        raise Refused(f"“{name}”没有通过病毒检查（{virus}），没有保存。请在自己的电脑上查杀病毒后再上传。")
    if not answer.endswith(" OK"):
        raise Refused(f"病毒检查没有完成，“{name}”没有保存。请换一个小一些的文件，或联系系统管理员。")


def _ask(address: str, upload: Any) -> str:
    """clamd's INSTREAM: pieces with their length before them, an empty one at the end."""
    with _connection(address) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.sendall(b"zINSTREAM\x00")
            for piece in pieces(upload):
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # its answer says why it would not hear the rest
        answer = b""
        while b"\x00" not in answer and len(answer) < LONGEST_ANSWER:
            part = connection.recv(1024)
            if not part:
                break
            answer += part
    return answer.partition(b"\x00")[0].decode("utf-8", errors="replace").strip()


def _connection(address: str) -> socket.socket:
    """“127.0.0.1:3310”, or the path of a socket on this machine."""
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS)
