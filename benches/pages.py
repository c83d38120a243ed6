#!/usr/bin/env python3
"""How fast pages and answers are, asked from another process at a constant rate.

usage: benches/pages.py [--rate 200] [--seconds 20] [--dir DIR] [--binary FILE] [--only NAME,...]
needs: cargo build --release; python3 (nothing else)

Makes the demonstration (about 200,000 records; kept in DIR where one is given), serves it, and asks. The load is open: a request
is due every 1/RATE seconds whatever became of those before it, and its latency counts from the instant it was due, so that a
server that stalls is charged for every request it kept waiting. Weights are those of bodies as a browser asks for them (zstd,
gzip). `first` is the first request for the overview after a snapshot was published by another process; `night` asks at the same
rate while loads run in another process.
"""
import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/dabiao"
CODINGS = "zstd, gzip"
CONNECTIONS = 32
DATA = "/api/v1/indicators/trained_person_times/data?by=division&period=2020"
TODAY = "2021-06-30"


class Connection:
    """One kept connection that asks one thing at a time."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.reader = self.writer = None

    async def ask(self, path, headers=""):
        """Status, headers and body."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: {CODINGS}\r\n{headers}\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        told = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])}
        length = 0 if status == 304 else int(told.get("content-length", 0))
        return status, told, await self.reader.readexactly(length) if length else b""


async def at_rate(port, path, rate, seconds, headers="", until=None):
    """Milliseconds of every request from the instant it was due, and how many of each status."""
    free = asyncio.Queue()
    for _ in range(CONNECTIONS):
        connection = Connection("127.0.0.1", port)
        await connection.ask("/livez")
        free.put_nowait(connection)
    # What is made for the first time is measured by itself.
    connection = Connection("127.0.0.1", port)
    await connection.ask(path)
    latencies, statuses, running = [], {}, set()

    async def one(due):
        connection = await free.get()
        try:
            status, _, _ = await connection.ask(path, headers)
        except (OSError, asyncio.IncompleteReadError):
            connection.writer, status = None, "lost"
        latencies.append((time.perf_counter() - due) * 1000)
        statuses[status] = statuses.get(status, 0) + 1
        free.put_nowait(connection)

    start = time.perf_counter() + 0.05
    number = 0
    while number < rate * seconds or (until is not None and not until()):
        due = start + number / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
    await asyncio.gather(*list(running))
    return latencies, statuses


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def line(name, latencies, note):
    figures = [quantile(latencies, 0.5), quantile(latencies, 0.99), max(latencies)]
    print(f"| {name} | {len(latencies)} | " + " | ".join(f"{figure:.2f} ms" for figure in figures) + f" | {note} |", flush=True)


def fetch(port, path, coding=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": coding} if coding else {})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def weight(port):
    """Bytes of the overview with what it needs, per coding."""
    _, page = fetch(port, "/")
    parts = {"/"} | {part for part in re.findall(r'(?:src|href)="(/(?:assets|charts)/[^"]*)"', page.decode())}
    for part in sorted(part for part in parts if part.endswith(".css")):
        _, css = fetch(port, part)
        parts |= set(re.findall(r'url\("?(/assets/[^")]*)"?\)', css.decode()))
    totals = {}
    for coding in [None, "gzip", "zstd"]:
        totals[coding or "as it is"] = sum(len(fetch(port, part.replace("&amp;", "&"), coding)[1]) for part in parts)
    return parts, totals


class Demo:
    """The demonstration, served."""

    def __init__(self, binary, folder):
        self.binary = binary
        subprocess.run([binary, "demo", "--dir", folder, "--no-serve"], check=True)
        self.folder = folder
        self.log = open(folder / "server.log", "w")
        self.server = subprocess.Popen([binary, "--project", folder, "--today", TODAY, "serve", "--bind", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = int(re.search(r":(\d+)/", self.server.stdout.readline()).group(1))

    def night(self, number, rows=1000):
        """A load of further rows, begun in another process."""
        # Other rows than those of an earlier run in the same folder.
        number += int(time.time())
        out = self.folder / f"night-{number}"
        subprocess.run([self.binary, "generate", "--rows", str(rows), "--seed", str(number), "--shape", "single", "--to", TODAY, "--out", out], check=True, stdout=subprocess.DEVNULL)
        files = sorted(out.glob("training__*.csv"))
        return subprocess.Popen([self.binary, "--project", self.folder, "--today", TODAY, "ingest", *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.server.terminate()
        if self.server.wait(60):
            sys.exit("the server did not end well")


async def first(demo, path, tries):
    """Milliseconds of the first request after a snapshot was published."""
    _, before, _ = await Connection("127.0.0.1", demo.port).ask(path)
    latencies = []
    for number in range(tries):
        if demo.night(number).wait() not in (0, 3):
            sys.exit("a load failed")
        # Nobody asked for more than a second, so that the page before is not shown while the next is made.
        await asyncio.sleep(1.2)
        connection = Connection("127.0.0.1", demo.port)
        await connection.ask("/livez")
        begun = time.perf_counter()
        status, told, _ = await connection.ask(path)
        latencies.append((time.perf_counter() - begun) * 1000)
        if status != 200 or told["etag"] == before["etag"]:
            sys.exit(f"no new page: {status}")
        before = told
    return latencies


async def run(demo, options):
    wanted = options.only.split(",") if options.only else []

    def asked(name):
        return not wanted or name in wanted

    page = Connection("127.0.0.1", demo.port)
    _, told, _ = await page.ask("/")
    print(f"{options.rate} requests/s for {options.seconds} s, latency from the instant a request was due\n")
    print("| what | requests | p50 | p99 | max | answers |")
    print("|---|---|---|---|---|---|")
    quiet = None
    for name, path, headers in [
        ("overview", "/", ""),
        ("conditional", "/", f"If-None-Match: {told['etag']}\r\n"),
        ("data", DATA, ""),
    ]:
        if asked(name):
            latencies, statuses = await at_rate(demo.port, path, options.rate, options.seconds, headers)
            line(name, latencies, statuses)
            quiet = quiet or quantile(latencies, 0.99)
    if asked("alone"):
        # One after the other: what a request takes where nothing else is asked.
        latencies, page = [], Connection("127.0.0.1", demo.port)
        for _ in range(1000):
            begun = time.perf_counter()
            await page.ask("/", f"If-None-Match: {told['etag']}\r\n")
            latencies.append((time.perf_counter() - begun) * 1000)
        line("conditional, one after the other", latencies, "")
    if asked("first"):
        line("overview, first after a new snapshot", await first(demo, "/", 5), "")
    if asked("night"):
        load = {"process": None, "number": 100, "loads": 0}

        def done():
            return time.perf_counter() > load["end"]

        async def loads():
            while not done():
                prepared = await asyncio.to_thread(demo.night, load["number"], 20_000)
                await asyncio.to_thread(prepared.wait)
                load["number"] += 1
                load["loads"] += 1

        load["end"] = time.perf_counter() + options.seconds
        loading = asyncio.create_task(loads())
        latencies, statuses = await at_rate(demo.port, "/", options.rate, options.seconds)
        await loading
        against = f", {quantile(latencies, 0.99) / quiet:.1f} × quiet" if quiet else ""
        line("overview, during loads", latencies, f"{statuses}; {load['loads']} loads{against}")
    if asked("weight"):
        parts, totals = weight(demo.port)
        print(f"\noverview with {', '.join(sorted(parts - {'/'}))}: " + ", ".join(f"{total / 1000:.1f} kB {coding}" for coding, total in totals.items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--only", help="overview, conditional, data, alone, first, night, weight")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dabiao-pages-") as work:
        demo = Demo(options.binary, options.dir or Path(work) / "demo")
        try:
            asyncio.run(run(demo, options))
        finally:
            demo.stop()


if __name__ == "__main__":
    main()
