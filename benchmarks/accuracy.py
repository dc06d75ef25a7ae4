"""Writes what the about page tells of accuracy, from a measured run:

assistant evaluate answers tests/questions/judge.yaml --json | python -m benchmarks.accuracy
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

from assistant.index import Index
from assistant.settings import load_settings

TARGET = Path(__file__).parent.parent / "assistant" / "weights" / "accuracy.json"


def main() -> None:
    """Reads the report from standard input and replaces the file."""
    report = json.load(sys.stdin)
    measured = {
        "date": datetime.date.today().isoformat(),
        "questions": report["right"]["of"],
        "right": report["right"]["right"],
        "answerable": report["answerable_right"]["of"],
        "answerable_right": report["answerable_right"]["right"],
        "unanswerable": report["refusal_recall"]["of"],
        "unanswerable_right": report["refusal_recall"]["right"],
        "corpus_hash": Index.open_current(load_settings().index).meta.corpus,
    }
    TARGET.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {measured}")


if __name__ == "__main__":
    main()
