"""Writes every order as JSON into a folder, as `trueup order proof --file` takes it."""

import json
import sys
from pathlib import Path

from tests.orders.written import written

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for each in written():
    text = json.dumps(each.node, indent=1, ensure_ascii=False)
    (folder / f"{each.name}.json").write_text(text, encoding="utf-8")
