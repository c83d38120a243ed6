"""Runs the rules of a project on DuckDB over the files of a snapshot, and compares with what Dabiao found.

usage: second_engine.py GIVEN.json
"""
import json
import pathlib
import sys

import duckdb

given = json.load(open(sys.argv[1], encoding="utf-8"))
con = duckdb.connect()
for table, files in given["tables"].items():
    if files and table.isidentifier() and not table.endswith(("_log", "_aside")) and table != "findings":
        con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
for path in pathlib.Path(given["reference"]).glob("*.csv"):
    con.execute(f"CREATE VIEW ref_{path.stem} AS SELECT * FROM read_csv('{path}', all_varchar = true, header = true)")
con.execute(f"CREATE TABLE snapshot AS SELECT DATE '{given['day']}' AS day")

con.execute("CREATE TABLE periods (period VARCHAR, first DATE, last DATE)")
for year in range(2018, 2023):
    spans = [(f"{year}", 1, 12), (f"{year}H1", 1, 6), (f"{year}H2", 7, 12)]
    spans += [(f"{year}Q{q}", 3 * q - 2, 3 * q) for q in range(1, 5)]
    spans += [(f"{year}-{m:02}", m, m) for m in range(1, 13)]
    spans += [(f"{year}-01..{year}-{m:02}", 1, m) for m in range(2, 12) if m not in (3, 6)]
    for name, first, end in spans:
        con.execute(
            f"INSERT INTO periods SELECT '{name}', make_date({year}, {first}, 1), last_day(make_date({year}, {end}, 1))"
        )

wrong = 0
rows_in_all = 0
for rule, sql in sorted(given["rules"].items()):
    cursor = con.execute(f"SELECT * FROM ({sql})")
    columns = [column[0] for column in cursor.description]
    theirs = set()
    for row in cursor.fetchall():
        cell = dict(zip(columns, row))
        text = lambda name: None if cell.get(name) is None else str(cell[name])
        theirs.add((text("department"), text("record_no"), text("division") or "", str(cell["date"])[:10], text("detail")))
    ours = {tuple(row[1:]) for row in given["found"] if row[0] == rule}
    rows_in_all += len(theirs)
    if ours != theirs:
        wrong += 1
        print(rule, "only here:", sorted(ours - theirs, key=str)[:5], "only DuckDB:", sorted(theirs - ours, key=str)[:5])
print(f"{len(given['rules'])} rules, {rows_in_all} rows on DuckDB {duckdb.__version__}, {wrong} rules differ")
sys.exit(1 if wrong else 0)
