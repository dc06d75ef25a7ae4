"""Times what an operator and an asker wait for: building the index, starting the server, and one answer.

    .venv/bin/python benchmarks/answering.py [QUESTIONS.yaml]

Everything happens in a temporary folder; the index and the conversations of the checkout are not touched. The
questions are judged ones (`tests/questions/judge.yaml` unless another file is named); whether the answers are right
is the matter of `assistant evaluate`, here they are only timed. Times depend on the machine and on what else runs
there; the load is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import yaml

from assistant.assistant import Assistant
from assistant.settings import load_settings

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "assistant"]
WARM = 20
"""Questions asked before the clock runs."""
PATIENCE = 120
"""Seconds after which a server counts as not starting."""


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def memory_mb(process: int, name: str) -> float:
    """`VmRSS` (now) or `VmHWM` (the most so far) of a process."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) / 1000


def asked_turns(file: Path) -> list[list[str]]:
    """The turns of each judged question."""
    return [judged["turns"] for judged in yaml.safe_load(file.read_text(encoding="utf-8"))]


def serve(conversations: list[list[str]]) -> tuple[float, float, float]:
    """Starts a server: seconds until it can answer, and resident MB then and after the questions."""
    started = time.perf_counter()
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        address = re.search(r"http://\S+/", process.stdout.readline())
        assert address, "the server did not say where it listens"
        while time.perf_counter() - started < PATIENCE:
            try:
                with urllib.request.urlopen(f"{address[0]}healthz"):
                    break
            except urllib.error.HTTPError:
                time.sleep(0.05)
        ready = time.perf_counter() - started
        before = memory_mb(process.pid, "VmRSS")
        for turns in conversations:
            body = json.dumps({"question": turns[0], "conversation": None}).encode()
            request = urllib.request.Request(f"{address[0]}api/chat", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as reply:
                reply.read()
        return ready, before, memory_mb(process.pid, "VmRSS")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, nargs="?", default=ROOT / "tests" / "questions" / "judge.yaml")
    conversations = asked_turns(parser.parse_args().questions)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ASSISTANT_INDEX"] = str(Path(scratch) / "index")
        os.environ["ASSISTANT_DATA"] = str(Path(scratch) / "conversations.db")
        os.environ["ASSISTANT_RATE_LIMIT"] = "1000000 per minute"
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        build = [*COMMAND, "build"]
        quiet = subprocess.DEVNULL
        whole = seconds(lambda: subprocess.run(build, check=True, stdout=quiet, stderr=quiet))
        again = seconds(lambda: subprocess.run(build, check=True, stdout=quiet, stderr=quiet))
        print(f"index built from nothing, model unpacked: {whole:.1f} s; again, nothing changed: {again:.1f} s")

        ready, before, after = serve(conversations)
        print(
            f"server ready after {ready:.1f} s; resident {before:.0f} MB, after {len(conversations)} questions "
            f"{after:.0f} MB"
        )

        assistant = Assistant.open(load_settings())
        for turns in conversations[:WARM]:
            assistant.ask(turns[0])
        times = []
        for turns in conversations:
            conversation = None
            for turn in turns:
                started = time.perf_counter()
                conversation = assistant.ask(turn, conversation).conversation
                times.append((time.perf_counter() - started) * 1000)
        cuts = statistics.quantiles(times, n=100)
        print(
            f"{len(times)} questions: median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, longest {max(times):.1f} ms; "
            f"load {os.getloadavg()[0]:.1f}"
        )


if __name__ == "__main__":
    main()
