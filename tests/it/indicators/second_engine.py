"""Runs queries on DuckDB over tables in Parquet files: {"tables": {name: path}, "queries": [sql]} on standard input, and on
standard output for every query its rows, each a list of texts (null stays null), or the error it met."""
import datetime, decimal, json, sys

import duckdb


def text(cell):
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, decimal.Decimal):
        return format(cell, "f")
    if isinstance(cell, (int, str)):
        return str(cell)
    raise TypeError(f"{type(cell)}: neither exact number, text nor day")


def main():
    asked = json.load(sys.stdin)
    connection = duckdb.connect()
    for name, path in asked["tables"].items():
        connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet(?)'.replace("?", "'" + path + "'"))
    answers = []
    for query in asked["queries"]:
        try:
            cursor = connection.execute(query)
            columns = [column[0] for column in cursor.description]
            rows = [[text(cell) for cell in row] for row in cursor.fetchall()]
            answers.append({"columns": columns, "rows": rows})
        except Exception as error:
            answers.append({"error": str(error)})
    json.dump(answers, sys.stdout)


main()
