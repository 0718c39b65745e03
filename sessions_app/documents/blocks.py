from typing import Any

Block = dict[str, Any]
