"""The sessions in the readme and in the book show what the binary really prints.

    python tests/python/test_readme.py target/release/pacioli

A session is a block marked `console`: a line that begins with `$ pacioli` is run, and what follows
it, up to the next such line, is what it must print. `--write` puts in what it prints instead.

Moments, random ids, sizes and what a plot draws over time are never the same twice: of these it
only matters that they are there.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from client import ROOT, Server

PAGES = ["README.md", "docs/src/start.md"]
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
SERVE = "$ pacioli serve"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")
NEVER_THE_SAME = re.compile(
    r"^(database id|epoch|new epoch|digest|bytes|bytes received)( +)\S+$", re.MULTILINE
)
DRAWING = re.compile(r"(^ *\S* [│┤└].*\n)+(.+\n)*", re.MULTILINE)


def settled(text):
    """The text without what is never the same twice."""
    text = MOMENT.sub("MOMENT", text)
    text = NEVER_THE_SAME.sub(r"\1\2...", text)
    return DRAWING.sub("DRAWING\n", text)


def play(block, binary, environment, folder):
    """The block with what its commands print now. The server runs already."""
    played = run(block, binary, environment, folder)
    return block if settled(played) == settled(block) else played


def run(block, binary, environment, folder):
    lines = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        lines.append(line)
        command = shlex.split(line.removeprefix("$ "))
        if command[0] != "pacioli":
            raise SystemExit(f"a session runs nothing but pacioli: {line}")
        if not line.startswith(SERVE):
            ran = subprocess.run(
                [binary, *command[1:]],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
            )
            lines += [printed.rstrip() for printed in ran.stdout.splitlines()]
    return "".join(f"{line}\n" for line in lines)


def main(binary, write):
    wrong, commands = 0, 0
    for name in PAGES:
        page = (ROOT / name).read_text()
        with tempfile.TemporaryDirectory() as folder:
            server = Server(binary, str(Path(folder) / "data"))
            address = server.start()
            environment = os.environ | {"PACIOLI_SERVER": f"http://{address}"}
            try:
                played = BLOCK.sub(
                    lambda found: play(found[0], binary, environment, folder), page
                )
            finally:
                server.end(signal.SIGTERM)
        commands += len(re.findall(r"^\$ ", played, re.MULTILINE))
        if played == page:
            continue
        if write:
            (ROOT / name).write_text(played)
            continue
        wrong += 1
        for old, new in zip(settled(page).splitlines(), settled(played).splitlines()):
            if old != new:
                print(f"{name} says\n    {old}\nand the binary\n    {new}")
                break
    if commands < 10:
        raise SystemExit("the sessions were not found")
    if wrong:
        raise SystemExit("run this test with --write and read what changes")
    print(f"{commands} commands print what the pages say")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    if len(arguments) != 1:
        raise SystemExit(f"usage: {sys.argv[0]} PATH-TO-PACIOLI [--write]")
    main(str(Path(arguments[0]).resolve()), "--write" in sys.argv)
