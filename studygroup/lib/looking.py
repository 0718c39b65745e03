"""Whether a person looks at what is answered, or only a program asks for it."""

from django.http import HttpRequest

AHEAD = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")  # where a browser says that it fetches beforehand


def is_looked_at(request: HttpRequest) -> bool:
    """False for HEAD, and for a page fetched beforehand that perhaps nobody ever opens."""
    said = "".join(request.headers.get(name, "") for name in AHEAD).lower()
    return request.method in ("GET", "POST") and not any(word in said for word in ("prefetch", "prerender", "preview"))
