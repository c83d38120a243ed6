#!/usr/bin/env python3
"""Intake against DuckDB's plain typed CSV -> Parquet copy of the same file, in one run on the same cores.

usage: benches/intake.py [ROWS ...]      default: 200000 5000000
needs: cargo build --release; python3 with venv (installs duckdb 1.x into a throw-away venv)

For every number of rows: `dabiao generate --shape single` makes one clean training CSV; DuckDB copies it, typed, to one
zstd Parquet file with two threads; `dabiao ingest` takes it into an empty project (validate, pseudonymise, dispose, archive,
commit, count, publish). Then a night of 1,000 further rows is loaded onto it. Times are those of whole processes: wall clock,
and in brackets processor seconds (user + system), which say more where other work runs on the same cores.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/dabiao"
TODAY = "2021-06-30"

DUCK = r"""
import duckdb, sys
source, target = sys.argv[1:]
days = {'告知日期', '开班日期', '结业日期', '发证日期', '审核通过日期', '拨付日期'}
numbers = {'培训学时', '个人缴费', '补贴金额'}
header = open(source, encoding='utf-8-sig').readline().strip().split(',')
columns = {name: 'DATE' if name in days else 'DECIMAL(18,2)' if name in numbers else 'VARCHAR' for name in header}
connection = duckdb.connect()
connection.execute('SET threads=2')
connection.execute(f"COPY (SELECT * FROM read_csv('{source}', header=true, delim=',', columns={columns})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
"""


def run(*words):
    """Wall seconds, processor seconds and peak memory (MB) of a process."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{words} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def generate(rows, seed, out):
    subprocess.run([BINARY, "generate", "--rows", str(rows), "--seed", str(seed), "--shape", "single", "--to", TODAY, "--out", out], check=True, stdout=subprocess.DEVNULL)
    (file,) = Path(out).glob("training__*.csv")
    return file


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [200_000, 5_000_000]
    with tempfile.TemporaryDirectory(prefix="dabiao-bench-") as work:
        work = Path(work)
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        python = work / "venv/bin/python"
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb>=1"], check=True)
        (work / "duck.py").write_text(DUCK)
        print("| rows | DuckDB copy | dabiao ingest | ratio | peak memory | a night of 1,000 rows more |")
        print("|---|---|---|---|---|---|")
        for rows in sizes:
            file = generate(rows, 7, work / f"in{rows}")
            duck, duck_cpu, _ = run(python, work / "duck.py", file, work / "duck.parquet")
            project = work / f"project{rows}"
            run(BINARY, "init", project)
            load, load_cpu, memory = run(BINARY, "ingest", file, "--project", project, "--today", TODAY)
            night_file = generate(1_000, 8, work / f"night{rows}")
            # Other record numbers, so that the night brings new records.
            text = night_file.read_text(encoding="utf-8-sig").replace("SYN-", "SYN-N")
            renamed = night_file.with_name(night_file.name.replace("ALL", "220102"))
            renamed.write_text(text, encoding="utf-8")
            night, night_cpu, _ = run(BINARY, "ingest", renamed, "--project", project, "--today", TODAY)
            times = f"{duck:.1f} s ({duck_cpu:.1f}) | {load:.1f} s ({load_cpu:.1f}) | {load / duck:.1f} ({load_cpu / duck_cpu:.1f})"
            print(f"| {rows:,} | {times} | {memory:,.0f} MB | {night:.1f} s ({night_cpu:.1f}) |", flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
