#!/usr/bin/env python3
"""Figures against DuckDB and Polars (Python) over the same Parquet files, in one run on the same cores.

usage: benches/figures.py [ROWS ...]      default: 200000 5000000
needs: cargo build --release; python3 with venv (installs duckdb and polars into a throw-away venv, or takes the python that
       DABIAO_BENCH_PYTHON names)

For every number of rows a project is loaded; the peers then read the published Parquet files of that project, two threads each, and
`cargo bench --bench figures` asks the same of Dabiao in process. A second load then corrects one record in 100 (half of them move to
another division, half are no longer completed), withdraws one in 500 and brings 1,000 more, evenly over all files, and both sides
tell the bridge between the two snapshots. Milliseconds, medians. Every answer comes to a few numbers, which must be the same of all
three.

"first of person, occupation and level" is what the counting rule R007 says: of a person's records for one occupation and level only
the first counts, over all that pass the rules before it. The peers sort and drop repetitions; Dabiao decided it when the records
were loaded and counts what stands in the table. "decided anew" is the counting pass of a load over the whole table (R007 and all
other counting rules) against the same work of the peers.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/dabiao"
TODAY = "2021-06-30"
LATER = "2021-07-31"
SCOPE = ["CC-SBJ", "220102", "220103", "220104", "220105", "220106", "220112", "220113", "220122", "220182", "220183", "CC-XQ", "220171", "220172", "220174", "CC-LHS", "CC-ZH"]

PEERS = r"""
import json, os, statistics, sys, time
os.environ['POLARS_MAX_THREADS'] = '2'
import duckdb, polars as pl
what, scope, files, *older = [json.load(open(word)) if word.endswith('.json') else word for word in sys.argv[1:]]
units = ', '.join(f"'{unit}'" for unit in scope)
days = "end_date BETWEEN DATE '2019-01-01' AND DATE '2021-12-31'"
facts = f"FROM read_parquet({files!r}) WHERE counted AND {days} AND division IN ({units})"
month = "strftime(end_date, '%Y-%m')"
rate = "COUNT(certificate_no), COUNT(*)"
firsts = f'''FROM (
    SELECT occupation, level, division, ROW_NUMBER() OVER (PARTITION BY person, occupation, level ORDER BY end_date, department, record_no) AS nth
    FROM read_parquet({files!r}) WHERE COALESCE(reason, 'R007') = 'R007' AND {days}
) WHERE (nth = 1 OR occupation IS NULL) AND division IN ({units})'''
day = "DATE '2021-06-30'"
bridge = f'''
WITH both_states AS (
    SELECT o.key_high IS NULL AS added, n.key_high IS NULL AS gone, o.digest <> n.digest AS corrected,
        o.division AS old_division, n.division AS new_division, n.end_date IS NULL OR n.end_date <= {day} AS late,
        CAST(o.counted AND o.{days} AS INT) AS old_counts, CAST(n.counted AND n.{days} AS INT) AS new_counts
    FROM read_parquet({older[0] if older else []!r}) AS o FULL JOIN read_parquet({files!r}) AS n ON o.key_high = n.key_high AND o.key_low = n.key_low
), parts AS (
    SELECT old_division AS division, 0 AS late, 0 AS new, CASE WHEN corrected THEN new_counts - old_counts ELSE 0 END AS corrections,
        CASE WHEN gone THEN -old_counts ELSE 0 END AS withdrawals, CASE WHEN corrected THEN -new_counts ELSE 0 END AS moved,
        CASE WHEN NOT gone AND NOT corrected THEN new_counts - old_counts ELSE 0 END AS rules
    FROM both_states WHERE NOT added
    UNION ALL
    SELECT new_division, CASE WHEN added AND late THEN new_counts ELSE 0 END, CASE WHEN added AND NOT late THEN new_counts ELSE 0 END, 0, 0,
        CASE WHEN corrected THEN new_counts ELSE 0 END, 0
    FROM both_states WHERE NOT gone
)
SELECT division, SUM(late), SUM(new), SUM(corrections), SUM(withdrawals), SUM(moved), SUM(rules) FROM parts WHERE division IN ({units}) GROUP BY division'''
# The query, and what its answer comes to.
total = lambda frames: [frames[1][0][0]]
sql = {
    'count by division and month': ([f"SELECT division, {month}, COUNT(*) {facts} GROUP BY ALL", f"SELECT COUNT(*) {facts}"], total),
    'distinct persons by division and sector': ([f"SELECT division, sector, COUNT(DISTINCT person) {facts} GROUP BY ALL", f"SELECT COUNT(DISTINCT person) {facts}"], total),
    'first of person, occupation and level, by both': ([f"SELECT occupation, level, COUNT(*) {firsts} GROUP BY ALL"], lambda frames: [sum(row[2] for row in frames[0])]),
    'ratio by division and sector with totals': ([f"SELECT division, sector, {rate} {facts} GROUP BY ALL", f"SELECT {rate} {facts}"], lambda frames: list(frames[1][0])),
    'revision bridge of two snapshots by division': ([bridge], lambda frames: [int(sum(column)) for column in list(zip(*frames[0]))[1:]]),
}
connection = duckdb.connect()
connection.execute('SET threads=2')
in_period = pl.col('end_date').is_between(pl.date(2019, 1, 1), pl.date(2021, 12, 31))
inside = pl.col('division').is_in(scope)
table = lambda of=files: pl.scan_parquet(of, hive_partitioning=False)
frame = lambda: table().filter(pl.col('counted') & in_period & inside)
keys = ['division', 'sector']
rates = [pl.col('certificate_no').count().alias('n'), pl.len().alias('d')]
def with_total(by, sums):
    return [frame().group_by(by).agg(sums).collect().rows(), frame().select(sums).collect().rows()]
def first_of_each():
    eligible = table().filter((pl.col('reason').fill_null('R007') == 'R007') & in_period)
    named = eligible.filter(pl.col('occupation').is_not_null()).sort('end_date', 'department', 'record_no').unique(['person', 'occupation', 'level'], keep='first')
    columns = ['occupation', 'level', 'division']
    all = pl.concat([named.select(columns), eligible.filter(pl.col('occupation').is_null()).select(columns)])
    return [all.filter(inside).group_by('occupation', 'level').agg(pl.len()).collect().rows()]
def parts():
    wanted = ['key_high', 'key_low', 'digest', 'division', 'end_date', (pl.col('counted') & in_period).cast(pl.Int64).alias('counts')]
    both = table(older[0]).select(wanted).join(table().select(wanted), on=['key_high', 'key_low'], how='full', coalesce=False)
    added, gone = pl.col('key_high').is_null(), pl.col('key_high_right').is_null()
    corrected = (~added & ~gone & (pl.col('digest') != pl.col('digest_right'))).fill_null(False)
    old, new = pl.col('counts').fill_null(0), pl.col('counts_right').fill_null(0)
    late = (pl.col('end_date_right') <= pl.date(2021, 6, 30)).fill_null(True)
    part = lambda where, value: pl.when(where).then(value).otherwise(0)
    here = both.filter(~added).select(pl.col('division'), pl.lit(0).alias('late'), pl.lit(0).alias('new'), part(corrected, new - old).alias('corrections'), part(gone, -old).alias('withdrawals'), part(corrected, -new).alias('moved'), part(~gone & ~corrected, new - old).alias('rules'))
    there = both.filter(~gone).select(pl.col('division_right').alias('division'), part(added & late, new).alias('late'), part(added & ~late, new).alias('new'), pl.lit(0).alias('corrections'), pl.lit(0).alias('withdrawals'), part(corrected, new).alias('moved'), pl.lit(0).alias('rules'))
    return [pl.concat([here, there], how='vertical_relaxed').filter(inside).group_by('division').sum().collect().rows()]
polars = {
    'count by division and month': lambda: with_total(['division', pl.col('end_date').dt.strftime('%Y-%m')], pl.len()),
    'distinct persons by division and sector': lambda: with_total(keys, pl.col('person').n_unique()),
    'first of person, occupation and level, by both': first_of_each,
    'ratio by division and sector with totals': lambda: with_total(keys, rates),
    'revision bridge of two snapshots by division': parts,
}
def median(work):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        answer = work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), answer
for name, (queries, comes_to) in sql.items():
    if (what == 'bridge') != name.startswith('revision bridge'):
        continue
    duck, answer = median(lambda: [connection.execute(query).fetchall() for query in queries])
    pole, other = median(polars[name])
    assert comes_to(answer) == comes_to(other), (name, comes_to(answer), comes_to(other))
    print(json.dumps({'query': name, 'duckdb': duck, 'polars': pole, 'total': comes_to(answer)}), flush=True)
"""
FIRST = "first of person, occupation and level, by both"
ANEW = "the same decided anew, with all counting rules"


def run(*words):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def lines(*words):
    out = subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    return {line["query"]: line for line in map(json.loads, out.splitlines())}


def live(table):
    """The files of a Delta table as of now."""
    files = set()
    for version in sorted((table / "_delta_log").glob("*.json")):
        for action in map(json.loads, version.read_text().splitlines()):
            if "remove" in action:
                files.discard(action["remove"]["path"])
            if "add" in action:
                files.add(action["add"]["path"])
    return sorted(str(table / path) for path in files)


def night(source, more, target):
    """A file that corrects and withdraws records of `source` and brings those of `more`."""
    with open(source, encoding="utf-8-sig", newline="") as rows, open(target, "w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(rows)
        writer = csv.DictWriter(out, reader.fieldnames)
        writer.writeheader()
        for at, row in enumerate(reader):
            if at % 100 == 0:
                change = {"培训地": "南关区" if row["培训地"] != "南关区" else "宽城区"} if at % 200 else {"学习状态": "退班"}
                writer.writerow(row | change | {"操作": "更正"})
            elif at % 500 == 1:
                writer.writerow(row | {"操作": "撤销"})
        with open(more, encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                writer.writerow(row | {"记录编号": row["记录编号"].replace("SYN-", "SYN-N")})


def generated(rows, seed, to, out):
    run(BINARY, "generate", "--rows", rows, "--seed", seed, "--shape", "single", "--to", to, "--out", out)
    (file,) = Path(out).glob("training__*.csv")
    return file


def row(rows, name, peer, own):
    assert own["total"] == peer["total"], (name, own["total"], peer["total"])
    times = [own["first"], own["held"], own["cached"]]
    cells = ["–" if time is None else f"{time:.{digits}f} ms" for time, digits in zip(times, (0, 1, 3))]
    print(f"| {rows:,} | {name} | {peer['duckdb']:.0f} ms | {peer['polars']:.0f} ms | {' | '.join(cells)} |", flush=True)


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [200_000, 5_000_000]
    with tempfile.TemporaryDirectory(prefix="dabiao-bench-") as work:
        work = Path(work)
        python = os.environ.get("DABIAO_BENCH_PYTHON")
        if python is None:
            run(sys.executable, "-m", "venv", work / "venv")
            python = work / "venv/bin/python"
            run(python, "-m", "pip", "install", "-q", "duckdb>=1", "polars>=1")
        (work / "peers.py").write_text(PEERS)
        (work / "scope.json").write_text(json.dumps(SCOPE))
        print("| rows | query | DuckDB | Polars | first, nothing held | facts held | cached |")
        print("|---|---|---|---|---|---|---|")
        for rows in sizes:
            project = work / f"project{rows}"
            run(BINARY, "init", project)
            source = generated(rows, 7, TODAY, work / f"in{rows}")
            run(BINARY, "ingest", source, "--project", project, "--today", TODAY)
            table = project / "lake/tables/training"
            states = [work / "older.json", work / "newer.json"]
            states[0].write_text(json.dumps(live(table)))
            peers = lines(python, work / "peers.py", "figures", work / "scope.json", states[0])
            ours = lines("cargo", "bench", "-q", "--bench", "figures", "--", project)
            for name, peer in peers.items():
                row(rows, name, peer, ours[name])
                if name == FIRST:
                    row(rows, ANEW, peer, ours[ANEW])
            target = work / f"in{rows}/training__DP01__ALL__2021-07.csv"
            night(source, generated(1_000, 8, LATER, work / f"more{rows}"), target)
            run(BINARY, "ingest", target, "--project", project, "--today", LATER)
            states[1].write_text(json.dumps(live(table)))
            peers = lines(python, work / "peers.py", "bridge", work / "scope.json", states[1], states[0])
            ours = lines("cargo", "bench", "-q", "--bench", "figures", "--", project, "--bridge")
            for name, peer in peers.items():
                row(rows, name, peer, ours[name])
                assert all(peer["total"][:4]), f"every kind of change is there: {peer['total']}"


if __name__ == "__main__":
    main()
