#!/usr/bin/env python3
"""Figures against DuckDB and Polars (Python) over the same Parquet files, in one run on the same cores.

usage: benches/figures.py [ROWS ...]      default: 200000 5000000
needs: cargo build --release; python3 with venv (installs duckdb and polars into a throw-away venv)

For every number of rows a project is loaded once. The peers then read the published Parquet files of that project, two threads
each; `cargo bench --bench figures` asks the same of Dabiao in process. Milliseconds, medians.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/dabiao"
TODAY = "2021-06-30"

PEERS = r"""
import json, os, statistics, sys, time
os.environ['POLARS_MAX_THREADS'] = '2'
import duckdb, polars as pl
files = json.load(open(sys.argv[1]))
scope = json.load(open(sys.argv[2]))
units = ', '.join(f"'{unit}'" for unit in scope)
facts = f"FROM read_parquet({files!r}) WHERE counted AND end_date BETWEEN DATE '2019-01-01' AND DATE '2021-12-31' AND division IN ({units})"
month = "strftime(end_date, '%Y-%m')"
rate = "COUNT(certificate_no), COUNT(*)"
sql = {
    'count by division and month': [f"SELECT division, {month}, COUNT(*) {facts} GROUP BY ALL", f"SELECT COUNT(*) {facts}"],
    'distinct persons by division and sector': [f"SELECT division, sector, COUNT(DISTINCT person) {facts} GROUP BY ALL", f"SELECT COUNT(DISTINCT person) {facts}"],
    'ratio by division and sector with totals': [f"SELECT division, sector, {rate} {facts} GROUP BY ALL", f"SELECT {rate} {facts}"],
    'first of person, occupation and level': [f"SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY person, occupation, level ORDER BY end_date, department, record_no) AS nth FROM read_parquet({files!r}) WHERE status = 'completed' AND occupation IS NOT NULL) WHERE nth = 1"],
}
connection = duckdb.connect()
connection.execute('SET threads=2')
def frame():
    return pl.scan_parquet(files, hive_partitioning=False).filter(pl.col('counted') & pl.col('end_date').is_between(pl.date(2019, 1, 1), pl.date(2021, 12, 31)) & pl.col('division').is_in(scope))
keys = ['division', 'sector']
rates = [pl.col('certificate_no').count().alias('n'), pl.len().alias('d')]
polars = {
    'count by division and month': lambda: (frame().group_by('division', pl.col('end_date').dt.strftime('%Y-%m')).agg(pl.len()).collect(), frame().select(pl.len()).collect()),
    'distinct persons by division and sector': lambda: (frame().group_by(keys).agg(pl.col('person').n_unique()).collect(), frame().select(pl.col('person').n_unique()).collect()),
    'ratio by division and sector with totals': lambda: (frame().group_by(keys).agg(rates).collect(), frame().select(rates).collect()),
    'first of person, occupation and level': lambda: pl.scan_parquet(files, hive_partitioning=False).filter((pl.col('status') == 'completed') & pl.col('occupation').is_not_null()).sort('end_date', 'department', 'record_no').unique(['person', 'occupation', 'level'], keep='first').select(pl.len()).collect(),
}
def median(work):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)
for name, queries in sql.items():
    duck = median(lambda: [connection.execute(query).fetchall() for query in queries])
    print(json.dumps({'query': name, 'duckdb': duck, 'polars': median(polars[name])}), flush=True)
"""


def lines(*words):
    out = subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    return {line["query"]: line for line in map(json.loads, out.splitlines())}


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [200_000, 5_000_000]
    with tempfile.TemporaryDirectory(prefix="dabiao-bench-") as work:
        work = Path(work)
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        python = work / "venv/bin/python"
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb>=1", "polars>=1"], check=True)
        (work / "peers.py").write_text(PEERS)
        print("| rows | query | DuckDB | Polars | first, nothing held | facts held | cached |")
        print("|---|---|---|---|---|---|---|")
        for rows in sizes:
            project = work / f"project{rows}"
            subprocess.run([BINARY, "init", project], check=True, stdout=subprocess.DEVNULL)
            source = work / f"in{rows}"
            subprocess.run([BINARY, "generate", "--rows", str(rows), "--seed", "7", "--shape", "single", "--to", TODAY, "--out", source], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([BINARY, "ingest", source, "--project", project, "--today", TODAY], check=True, stdout=subprocess.DEVNULL)
            files = sorted(str(path) for path in (project / "lake/tables/training").rglob("*.parquet"))
            (work / "files.json").write_text(json.dumps(files))
            scope = ["CC-SBJ", "220102", "220103", "220104", "220105", "220106", "220112", "220113", "220122", "220182", "220183", "CC-XQ", "220171", "220172", "220174", "CC-LHS", "CC-ZH"]
            (work / "scope.json").write_text(json.dumps(scope))
            peers = lines(python, work / "peers.py", work / "files.json", work / "scope.json")
            ours = lines("cargo", "bench", "-q", "--bench", "figures", "--", project)
            for name, peer in peers.items():
                own = ours.get(name)
                cells = [f"{own['first']:.0f} ms", f"{own['held']:.1f} ms", f"{own['cached']:.3f} ms"] if own else ["-", "-", "-"]
                print(f"| {rows:,} | {name} | {peer['duckdb']:.0f} ms | {peer['polars']:.0f} ms | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
