#!/usr/bin/env python3
"""Makes data-samples/inbox/ and the tables of data-samples/README.md: a small readable set in every format and
encoding, with each defect of issue 2 (point 3) in it and its expected answer beside it.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install openpyxl xlwt odfpy pyarrow msoffcrypto-tool
    /tmp/v/bin/python data-samples/make_inbox.py

Needs Python 3.11 and these packages. Everything is SYNTHETIC (people cannot exist: domain.md 7.3, CONTRACT E2), except
the employed persons of workforce (2020 census, data-samples/synthetic/employed_2020_census.csv). The results are
committed; a workbook made again differs in its time stamps only. Every row carries the answer it must get (`expect`),
written by hand; README.md is made from these notes, never from the program under test.
"""
import csv, datetime, io, json, pathlib, shutil, tomllib
from collections import Counter, defaultdict
from decimal import Decimal

import msoffcrypto, openpyxl, pyarrow, pyarrow.parquet, xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.styles import Font

HERE = pathlib.Path(__file__).parent
INBOX = HERE / "inbox"
TITLES, ALIASES, KINDS = {}, {}, {}
for path in sorted((HERE / "contracts").glob("*.toml")):
    contract = tomllib.loads(path.read_text("utf-8"))
    TITLES[contract["id"]] = {c["name"]: c["title"]["zh"] for c in contract["column"]}
    ALIASES[contract["id"]] = {c["name"]: c.get("aliases", []) for c in contract["column"]}
    KINDS[contract["id"]] = {c["name"]: c["type"] for c in contract["column"]}


# --- people, enterprises, records --------------------------------------------------------------------------------

def id_check(digits):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


def uscc(number):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"912299{number:011d}"
    return body + alphabet[(31 - sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31) % 31]


PREFIXES = ["220102", "220103", "220104", "220181", "220122", "220381", "220112", "222521", "229005"]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ["秀英", "丽华", "建国", "志强", "桂兰", "海涛", "淑珍", "文明", "玉梅", "立新", "晓燕", "春生", "慧敏", "永福", "雪"]
SPECIAL = {7: "阿依古丽·买买提", 31: "巴图·孟和", 12: "王䶮", 45: "李㛃", 58: "刘𠮷"}


def person(number):
    """The number-th person: even numbers are women (000, real area codes), odd ones men (001, area 2299xx)."""
    born = datetime.date(1962, 1, 9) + datetime.timedelta(days=(number * 4637) % 14500)
    woman = number % 2 == 0
    digits = (PREFIXES[number // 2 % len(PREFIXES)] if woman else f"2299{number % 100:02d}")
    digits += born.strftime("%Y%m%d") + ("000" if woman else "001")
    name = SPECIAL.get(number, SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)])
    return {"id_number": digits + id_check(digits), "name": name, "phone": f"120{number:08d}"}


def someone(ends_with_x=False, born=None, start=500):
    for number in range(start, 5000):
        who = person(number)
        if (not ends_with_x or who["id_number"].endswith("X")) and (born is None or who["id_number"][6:8] == born):
            return number
    raise LookupError


class Row(dict):
    """Cells by English name. expect: new, correction, withdrawal, unchanged or rejected; notes: (rule, column) of
    repairs, rejections and flags; counts: whether it is counted toward the target (in `division`)."""

    def __init__(self, cells, expect="new", notes=(), counts=None, why=""):
        super().__init__(cells)
        self.expect, self.notes, self.why = expect, list(notes), why
        self.counts = counts

    def but(self, expect="new", notes=(), counts=None, why="", **cells):
        return Row({**self, **cells}, expect, notes, counts, why)


def record(prefix, number, who, division, start, end, **cells):
    base = {
        "record_no": f"SYN-{prefix}-{number:03d}", **person(who), "primary_group": "农村转移就业劳动者", "sector": "C",
        "division": division, "institution": "SYN-I0001", "class_no": f"SYN-{prefix}", "training_type": "就业技能培训",
        "mode": "常规补贴", "delivery": "线下", "occupation": "6-18-02-04", "level": "初级工", "start_date": start,
        "end_date": end, "hours": "60", "status": "结业", "fee": "0", "funding_source": "就业补助资金", "subsidy": "600",
    }
    return Row({**base, **cells})


# --- writing -----------------------------------------------------------------------------------------------------

FILES = []  # (name, what it shows, status, rows with their spreadsheet row number)


def note_file(name, shows, rows, status="loaded"):
    FILES.append((name, shows, status, rows))


def columns_of(dataset, rows):
    used = {name for row in rows for name in row}
    return [name for name in TITLES[dataset] if name in used]


def numbered(rows, first):
    return [(first + at, row) for at, row in enumerate(rows)]


def write_csv(name, shows, rows, dataset="training", encoding="utf-8-sig", delimiter=",", header="zh", extra=(),
              total=None):
    columns = columns_of(dataset, rows)
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    titles = header if isinstance(header, dict) else {c: c for c in columns} if header == "en" else TITLES[dataset]
    out.writerow([title for title, _ in extra] + [titles.get(c) or TITLES[dataset][c] for c in columns])
    for at, row in enumerate(rows):
        out.writerow([value(at) for _, value in extra] + [row.get(c, "") for c in columns])
    if total:
        out.writerow(total + [""] * (len(extra) + len(columns) - len(total)))
    content = text.getvalue()
    data = (b"\xff\xfe" + content.encode("utf-16-le")) if encoding == "utf-16" else content.encode(encoding)
    (INBOX / name).write_bytes(data)
    note_file(name, shows, numbered(rows, 2))


def typed(dataset, name, cell):
    """Dates as dates and numbers as numbers, where a workbook would hold them so."""
    kind = KINDS[dataset][name]
    if not isinstance(cell, str) or cell == "":
        return cell if cell != "" else None
    try:
        if kind == "date":
            return datetime.date.fromisoformat(cell)
        if kind in ("decimal", "integer"):
            return float(cell) if "." in cell else int(cell)
    except ValueError:
        pass
    return cell


def save_xlsx(book, path):
    book.properties.creator = "SYNTHETIC"
    book.properties.created = book.properties.modified = datetime.datetime(2021, 1, 1)
    book.save(path)


def write_xlsx(name, shows, rows, dataset="training", title=None):
    columns = columns_of(dataset, rows)
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Sheet1"
    first = 2
    if title:
        page.append([title])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
        page["A1"].font = Font(bold=True, size=16)
        first = 3
    page.append([TITLES[dataset][c] for c in columns])
    for row in rows:
        page.append([typed(dataset, c, row.get(c, "")) for c in columns])
    save_xlsx(book, INBOX / name)
    note_file(name, shows, numbered(rows, first))


# --- the training files ------------------------------------------------------------------------------------------

def clean_utf8_bom():
    rows = []
    for at in range(24):
        rows.append(record("A", at + 1, at, "南关区", "2019-09-02", "2019-09-12", certificate_type="职业技能等级证书",
                           certificate_no=f"SYN-Z-A{at + 1:03d}", certificate_date="2019-09-20",
                           notice_date="2019-08-26", institution="SYN-I0002"))
    for at, status in ((20, "退班"), (21, "退班"), (22, "不合格"), (23, "在训")):
        for cell in ("certificate_type", "certificate_no", "certificate_date", "subsidy"):
            rows[at][cell] = ""
        rows[at]["status"] = status
        rows[at].why = "not completed"
    rows[23]["end_date"] = ""
    name = "training__DP01__220102__2019-09__SYNTHETIC.csv"
    write_csv(name, "CSV, UTF-8 with BOM; clean; 20 completed of 24", rows)
    shutil.copyfile(INBOX / name, INBOX / "training__DP01__220102__2019-09__SYNTHETIC_copy.csv")
    note_file("training__DP01__220102__2019-09__SYNTHETIC_copy.csv", "the same bytes under another name (Q03)", [],
              "duplicate")
    return rows


def gb18030_repairs():
    rows = [record("B", at + 1, 24 + at, "宽城区", "2019-10-08", "2019-10-18") for at in range(18)]
    rows[1] = record("B", 2, 12, "宽城区", "2019-10-08", "2019-10-18", occupation="4-10-01-05", sector="O")
    rows[2] = record("B", 3, 45, "宽城区", "2019-10-08", "2019-10-18")
    rows[3] = record("B", 4, 58, "宽城区", "2019-10-08", "2019-10-18")
    rows[1].why, rows[2].why, rows[3].why = "name with 䶮", "name with 㛃", "name with 𠮷 (four bytes in GB18030)"
    wide = {ord("0") + at: chr(0xFF10 + at) for at in range(10)}
    spoil = [
        (5, "fullwidth_digits", "id_number", lambda cell: cell.translate(wide)),
        (7, "spaces", "id_number", lambda cell: f"{cell[:6]} {cell[6:14]} {cell[14:]}"),
        (8, "apostrophe", "id_number", lambda cell: "'" + cell),
        (9, "thousands_separator", "subsidy", lambda cell: "1,200.00"),
    ]
    x = someone(ends_with_x=True)
    rows[6] = record("B", 7, x, "宽城区", "2019-10-08", "2019-10-18")
    spoil.append((6, "lowercase_x", "id_number", str.lower))
    for at, rule, column, change in spoil:
        rows[at][column] = change(rows[at][column])
        rows[at].notes = [(rule, column)]
    write_csv("training__DP01__220103__2019-10__SYNTHETIC.csv",
              "CSV, GB18030; rare names; repairs of numbers and IDs", rows, encoding="gb18030")
    return rows


def utf16_dates():
    rows = [record("C", at + 1, 60 + at, "朝阳区", "2019-11-04", "2019-11-15") for at in range(12)]
    for at, rule, cell in ((1, "date_dots", "2019.11.4"), (2, "date_chinese", "2019年11月4日"),
                           (3, "date_slashes", "2019/11/4")):
        rows[at]["start_date"] = cell
        rows[at].notes = [(rule, "start_date")]
    write_csv("training__DP01__220104__2019-11__SYNTHETIC.csv", "CSV, UTF-16LE with BOM, tabs; dates in other spellings",
              rows, encoding="utf-16", delimiter="\t")


def semicolons_english():
    rows = [record("D", at + 1, 80 + at, "220105", "2019-12-02", "2019-12-13", primary_group="TG08",
                   training_type="TT04", mode="TM02", delivery="TM04", level="L4", status="completed",
                   funding_source="FS02", employer_uscc=uscc(at // 5 + 1), occupation="6-22-02-01", hours="110",
                   subsidy="1000") for at in range(15)]
    write_csv("training__DP01__220105__2019-12__SYNTHETIC.csv",
              "CSV, UTF-8 without BOM, semicolons; English headers, codes and statuses", rows, encoding="utf-8",
              delimiter=";", header="en")


def merged_header_xlsx():
    rows = [record("E", at + 1, 100 + at, "绿园区", "2019-12-03", "2019-12-16") for at in range(14)]
    rows[4].expect, rows[4].notes, rows[4].why = "rejected", [("R006", "id_number")], "number of 18 digits in a numeric cell"
    rows[5]["id_number"] = next(person(n)["id_number"][:15] + "000" for n in range(1001, 1200, 2)
                                if id_check(person(n)["id_number"][:15] + "00") != "0")
    rows[5].expect, rows[5].notes, rows[5].why = "rejected", [("R006", "id_number")], "last three digits lost: …000"
    rows[6].notes, rows[6].why = [("date_serial", "start_date")], "43802 in a cell without date format"
    groups = [(None, ["record_no"]), ("学员信息", ["id_number", "name", "phone", "primary_group"]), (None, ["sector"]),
              ("培训信息", ["division", "institution", "class_no", "training_type", "mode", "delivery", "occupation",
                        "level", "start_date", "end_date", "hours", "status"]),
              ("资金", ["fee", "funding_source", "subsidy"])]
    book = openpyxl.Workbook()
    page = book.active
    page.title = "绿园区"
    columns = [name for _, names in groups for name in names]
    page.append(["长春市绿园区补贴性职业技能培训实名台账(SYNTHETIC)"])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns) + 1)
    page.append(["填报单位:绿园区人社局(SYNTHETIC)", None, None, "2019年12月"])
    at = 2
    page.cell(3, 1, "序号")
    page.merge_cells(start_row=3, start_column=1, end_row=4, end_column=1)
    for group, names in groups:
        if group:
            page.cell(3, at, group)
            page.merge_cells(start_row=3, start_column=at, end_row=3, end_column=at + len(names) - 1)
        for name in names:
            page.cell(4 if group else 3, at, TITLES["training"][name])
            if not group:
                page.merge_cells(start_row=3, start_column=at, end_row=4, end_column=at)
            at += 1
    for line, row in enumerate(rows, start=5):
        page.cell(line, 1, line - 4)
        for place, name in enumerate(columns, start=2):
            cell = page.cell(line, place, typed("training", name, row.get(name, "")))
            if line == 9 and name == "id_number":
                cell.value = 220104198503150000
            if line == 11 and name == "start_date":
                cell.value, cell.number_format = 43802, "General"
    page.cell(19, 1, "合计")
    page.cell(19, 4, "14人次")
    page.cell(19, len(columns) + 1, 8400)
    page.column_dimensions[openpyxl.utils.get_column_letter(columns.index("phone") + 2)].hidden = True
    name = "training__DP01__220106__2019-12__SYNTHETIC.xlsx"
    save_xlsx(book, INBOX / name)
    note_file(name, "XLSX: two title rows, merged two-row header, 序号 (ignored), hidden column 手机号码, dates as Excel "
              "serials, total row", numbered(rows, 5))


def sheets_xlsx():
    book = openpyxl.Workbook()
    book.remove(book.active)
    all_rows = []
    orders = {"双阳区": None, "九台区": -1, "农安县": 5}
    for place, (division, turn) in enumerate(orders.items()):
        rows = [record(f"F{place + 1}", at + 1, 120 + 10 * place + at, division, "2020-03-09", "2020-03-27",
                       delivery="线上", funding_source="专账资金") for at in range(8)]
        columns = columns_of("training", rows)
        columns = columns[::turn] if turn == -1 else columns[turn or 0:] + columns[:turn or 0]
        page = book.create_sheet(division)
        page.append([TITLES["training"][c] for c in columns])
        for row in rows:
            page.append([typed("training", c, row.get(c, "")) for c in columns])
        all_rows += numbered(rows, 2)
    name = "training__DP01__ALL__2020-03__SYNTHETIC.xlsx"
    save_xlsx(book, INBOX / name)
    note_file(name, "XLSX: one sheet per district, columns in another order in each; online training of spring 2020",
              all_rows)


def xls():
    rows = [record("G", at + 1, 150 + at, "双阳区", "2020-05-06", "2020-05-20", primary_group="城镇登记失业人员",
                   occupation="4-10-01-06", sector="O") for at in range(10)]
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("台账")
    columns = columns_of("training", rows)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    page.write_merge(0, 0, 0, len(columns) - 1, "双阳区培训台账 SYNTHETIC")
    for at, c in enumerate(columns):
        page.write(1, at, TITLES["training"][c])
    for line, row in enumerate(rows, start=2):
        for at, c in enumerate(columns):
            cell = typed("training", c, row.get(c, ""))
            if isinstance(cell, datetime.date):
                page.write(line, at, cell, day)
            elif cell is not None:
                page.write(line, at, cell)
    page.write(12, 0, "小计")
    name = "training__DP01__220112__2020-05__SYNTHETIC.xls"
    book.save(str(INBOX / name))
    note_file(name, "XLS (Excel 97): title row, Excel dates, total row 小计", numbered(rows, 3))


def xls_1904():
    rows = [record("R", at + 1, 340 + at, "净月高新区", "2020-11-02", "2020-11-13") for at in range(6)]
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    page = book.add_sheet("净月高新区")
    columns = columns_of("training", rows)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, c in enumerate(columns):
        page.write(0, at, TITLES["training"][c])
    for line, row in enumerate(rows, start=1):
        row.notes, row.why = [("date_serial", "start_date")], "42675 in a cell without date format, days counted from 1904"
        for at, c in enumerate(columns):
            cell = typed("training", c, row.get(c, ""))
            if c == "start_date":
                page.write(line, at, (cell - datetime.date(1904, 1, 1)).days)
            elif isinstance(cell, datetime.date):
                page.write(line, at, cell, day)
            elif cell is not None:
                page.write(line, at, cell)
    name = "training__DP01__220172__2020-11__SYNTHETIC.xls"
    book.save(str(INBOX / name))
    note_file(name, "XLS of an old Macintosh: days are counted from 1904", numbered(rows, 2))


def ods():
    rows = [record("H", at + 1, 170 + at, division, "2020-06-08", "2020-06-19", training_type="职业农民技能培训",
                   occupation="5-01-02-01", sector="A", funding_source="有关部门培训资金", programme_tag="PG05",
                   themes="TH05;TH17") for at, division in enumerate(["农安县", "榆树市", "德惠市"] * 4)]
    book = OpenDocumentSpreadsheet()
    page = Table(name="职业农民")
    columns = columns_of("training", rows)

    def line(cells):
        row = TableRow()
        for cell in cells:
            if isinstance(cell, datetime.date):
                made = TableCell(valuetype="date", datevalue=cell.isoformat())
            elif isinstance(cell, (int, float)):
                made = TableCell(valuetype="float", value=str(cell))
            else:
                made = TableCell(valuetype="string")
            made.addElement(P(text="" if cell is None else str(cell)))
            row.addElement(made)
        page.addElement(row)

    line([TITLES["training"][c] for c in columns])
    for row in rows:
        line([typed("training", c, row.get(c, "")) for c in columns])
    book.spreadsheet.addElement(page)
    name = "training__DP07__ALL__2020Q2__SYNTHETIC.ods"
    book.save(str(INBOX / name))
    note_file(name, "ODS: another department, all divisions, several themes in a cell", numbered(rows, 2))


def jsonl():
    rows = [record("J", at + 1, 190 + at, "CC-XQ", "2020-07-06", "2020-07-24", primary_group="TG03",
                   training_type="TT03", mode="TM02", delivery="TM05", level="LN", status="completed",
                   funding_source="FS04", occupation="") for at in range(10)]
    lines = []
    for at, row in enumerate(rows):
        cells = {c: cell for c, cell in row.items() if cell != ""}
        if at % 2:
            cells = {TITLES["training"][c]: cell for c, cell in cells.items()}
        cells = {c: (int(cell) if c in ("hours", "fee", "subsidy") else cell) for c, cell in cells.items()}
        lines.append(json.dumps(cells, ensure_ascii=False))
    name = "training__DP03__CC-XQ__2020Q3__SYNTHETIC.jsonl"
    (INBOX / name).write_text("\n".join(lines) + "\n", "utf-8")
    note_file(name, "JSONL: numbers as numbers, absent keys; every second line with Chinese keys", numbered(rows, 1))


def parquet():
    rows = [record("K", at + 1, 210 + at, "220171", "2020-09-07", "2020-09-25", primary_group="TG07", level="L4",
                   training_type="TT01", mode="TM02", delivery="TM04", status="completed", funding_source="FS04",
                   hours="110", subsidy="1500.00") for at in range(12)]
    columns = columns_of("training", rows)
    table = {}
    for c in columns:
        cells = [typed("training", c, row.get(c, "")) for row in rows]
        table[c] = pyarrow.array([Decimal(row[c]) for row in rows], pyarrow.decimal128(12, 2)) if c == "subsidy" \
            else pyarrow.array(cells)
    name = "training__DP08__220171__2020Q3__SYNTHETIC.parquet"
    pyarrow.parquet.write_table(pyarrow.table(table), INBOX / name)
    note_file(name, "Parquet: typed columns (date, integer, decimal), English names", numbered(rows, 2))


TRADITIONAL = {
    "record_no": "記錄編號", "id_number": "證件號碼", "phone": "手機號碼", "primary_group": "人員類別", "sector": "所屬行業",
    "division": "培訓地", "institution": "培訓機構編碼", "class_no": "班期編號", "training_type": "培訓類型", "mode": "補貼方式",
    "delivery": "培訓方式", "occupation": "職業編碼", "level": "等級", "start_date": "開班日期", "end_date": "結業日期",
    "hours": "培訓學時", "status": "學習狀態", "fee": "個人繳費", "funding_source": "資金來源", "subsidy": "補貼金額",
}


def traditional():
    rows = [record("L", at + 1, 230 + at, "农安县", "2020-08-03", "2020-08-14") for at in range(10)]
    rows[0]["division"], rows[0].notes = "農安縣", [("traditional_script", "division")]
    rows[1]["status"], rows[1].notes = "結業", [("traditional_script", "status")]
    rows[9]["record_no"], rows[9].why = "合计SYN-L-010", "a record, though it begins like a total row"
    write_csv("training__DP01__220122__2020-08__SYNTHETIC.csv",
              "CSV: headers in traditional script; two cells in traditional script", rows, header=TRADITIONAL)


def aliases():
    rows = [record("M", at + 1, 250 + at, "榆树市", "2020-09-07", "2020-09-18", level="五级/初级工",
                   training_type="就业培训", mode="项目制", id_type="身份证", occupation="电焊工", status="合格",
                   funding_source="专账资金", hours="60", subsidy="800") for at in range(10)]
    old = person(someone(born="19", start=600))
    rows[2] = rows[2].but(notes=[("id_15_digits", "id_number")], **old)
    rows[2]["id_number"] = old["id_number"][:6] + old["id_number"][8:17]
    rows[3]["occupation"], rows[3].notes = "4-07-05-04", [("code_2015", "occupation")]
    rows[4]["occupation"], rows[4].notes, rows[4].why = "6-99-99-99", [("flag", "occupation")], "well formed, not in the list: accepted and flagged (Q23)"
    rows[5]["phone"], rows[5].notes, rows[5].why = "0431-8888", [("flag", "phone")], "malformed phone: accepted and flagged (Q16)"
    names = {name: (alias[0] if alias else TITLES["training"][name]) for name, alias in ALIASES["training"].items()}
    write_csv("training__DP01__220182__2020-09__SYNTHETIC.csv",
              "CSV: headers and values by alias, 序号 and 备注 ignored, total row; 15-digit ID; occupation code of 2015",
              rows, header=names, extra=[("序号", lambda at: at + 1), ("备注", lambda at: "SYNTHETIC")],
              total=["合计", "", "10人次"])


def rejections():
    clean = [record("N", at + 1, 270 + at, "德惠市", "2020-10-12", "2020-10-23") for at in range(30)]
    bad_check = clean[1]["id_number"]
    impossible = clean[2]["id_number"][:10] + "1332" + clean[2]["id_number"][14:17]
    cases = [
        ("R001", "id_number", {"id_number": bad_check[:17] + ("8" if bad_check[17] == "7" else "7")}, "wrong check digit"),
        ("R002", "id_number", {"id_number": impossible + id_check(impossible)}, "born on the 32nd day of month 13"),
        ("R006", "id_number", {"id_number": "2.20104E+17"}, "ID as a float"),
        ("V-REQUIRED", "name", {"name": ""}, "no name"),
        ("V-REQUIRED", "class_no", {"class_no": ""}, "no class number"),
        ("V-DATE", "start_date", {"start_date": "2020-02-30"}, "impossible date"),
        ("V-DATE", "end_date", {"end_date": "十月下旬"}, "no date"),
        ("V-TYPE", "hours", {"hours": "约六十"}, "no number"),
        ("V-CODE", "primary_group", {"primary_group": "TG77"}, "unknown code"),
        ("V-CODE", "training_type", {"training_type": "TT12"}, "unknown code"),
        ("V-CODE", "primary_group", {"primary_group": "TG19"}, "not a primary group (Q21)"),
        ("V-CODE", "occupation", {"occupation": "电焊高手"}, "neither code nor name nor alias"),
        ("V-CODE", "division", {"division": "220181"}, "retired division code (Q20)"),
        ("V-CODE", "division", {"division": "长春市"}, "not a reporting unit (Q20)"),
        ("V-CODE", "division", {"division": "公主岭市", "start_date": "2020-06-01", "end_date": "2020-06-12"},
         "before it joined (Q20)"),
        ("V-RANGE", "subsidy", {"subsidy": "-600"}, "negative"),
        ("V-CROSS", "end_date", {"end_date": "2020-10-01"}, "ends before it starts"),
        ("V-CROSS", "end_date", {"end_date": ""}, "completed without a date"),
        ("V-CROSS", "certificate_date", {"certificate_date": "2021-12-01"}, "after the load's day"),
        ("V-USCC", "employer_uscc", {"employer_uscc": uscc(9)[:17] + ("0" if uscc(9)[17] != "0" else "1")},
         "wrong check character"),
        ("V-PRIVATE", "certificate_no", {"certificate_no": f"证{clean[21]['id_number']}"}, "an ID number in a free text"),
    ]
    rows = [clean[0]]
    for at, (rule, column, cells, why) in enumerate(cases, start=1):
        rows.append(clean[at].but("rejected", [(rule, column)], why=why, **cells))
    both = clean[22].but("rejected", [("V-REQUIRED", "name"), ("V-CODE", "level")], why="two violations, both reported",
                         name="", level="九级")
    rows += [both] + clean[23:27]
    write_csv("training__DP01__220183__2020-10__SYNTHETIC.csv", "CSV: every rejection once", rows)


def keys():
    rows = [record("P", at + 1, 300 + at, "长春新区", "2020-11-02", "2020-11-13") for at in range(10)]
    rows[1]["division"], rows[1].notes = "220173", [("division_merged", "division")]
    rows[2]["division"], rows[2].notes, rows[2].why = "高新区", [("division_merged", "division")], "the alias of 220173"
    for at in (4, 5):
        rows[at].expect, rows[at].notes, rows[at].why = "rejected", [("V-KEY", "record_no")], "one key, two contents (Q11)"
    rows[5]["record_no"] = rows[4]["record_no"]
    rows.append(rows[7].but("unchanged", why="the same row twice in a file (Q11)", counts=False))
    write_csv("training__DP01__CC-XQ__2020-11__SYNTHETIC.csv", "CSV: merged division, a key twice", rows)


def corrections(first):
    move = "更正"
    rows = [
        first[0].but("correction", action=move, phone="12099990001", counts=False, why="another phone"),
        first[1].but("correction", action=move, division="朝阳区", counts=False, why="moves the count from 南关区 to 朝阳区"),
        first[23].but("correction", action=move, status="结业", end_date="2019-09-30", subsidy="600", counts=True,
                      why="in training before, completed now"),
        first[2].but("correction", approved_on="2019-10-15", paid_on="2019-10-30", counts=False,
                     why="blank action, live and different (Q10)"),
        first[3].but("unchanged", action=move, counts=False, why="更正 without a difference (Q10)"),
        first[4].but("rejected", [("V-ACTION", "action")], why="更正 of a key never seen", action=move,
                     record_no="SYN-A-999"),
    ]
    write_csv("training__DP01__220102__2020-12__SYNTHETIC.csv", "CSV: corrections of 2019-09", rows)


def resend(first):
    codes = {"南关区": "220102", "农村转移就业劳动者": "TG04", "就业技能培训": "TT01", "常规补贴": "TM02", "线下": "TM04",
             "初级工": "L5", "结业": "completed", "就业补助资金": "FS01", "职业技能等级证书": "CT02"}
    rows = [Row({c: codes.get(cell, cell) for c, cell in row.items()}, "unchanged", counts=False,
                why="codes instead of labels") for row in first[5:15]]
    write_csv("training__DP01__220102__2021-01__SYNTHETIC.csv", "CSV, English headers: rows of 2019-09 once more, unchanged",
              rows, header="en", encoding="utf-8")


def withdrawals(second):
    def only(row, expect, why, notes=(), **cells):
        return Row({"record_no": row["record_no"], "action": "撤销", **cells}, expect, notes, False, why)
    required = {c: "" for c in ("id_number", "name", "primary_group", "division", "class_no", "training_type", "level",
                                "start_date", "status")}
    rows = [
        only(second[10], "withdrawal", "only the key is needed (Q14)", **required),
        only(second[11], "withdrawal", "", **required),
        only(second[11], "unchanged", "withdrawn already (Q10)", **required),
        only({"record_no": "SYN-B-999"}, "rejected", "撤销 of a key never seen", [("V-ACTION", "action")], **required),
    ]
    write_csv("training__DP01__220103__2020-12__SYNTHETIC.csv", "CSV, GB18030: withdrawals of 2019-10", rows,
              encoding="gb18030")


def counting():
    """Rows that the counting rules decide; all accepted."""
    base = lambda at, who, start, end, **cells: record("Q", at, who, "市本级", start, end, **cells)
    keen = someone(start=700)
    rows = [
        base(1, 320, "2021-01-11", "2021-01-22"),
        base(2, 320, "2021-03-01", "2021-03-12"),
        base(3, 321, "2021-01-11", "2021-01-22", funding_source="企业职工教育经费"),
        base(4, 322, "2021-01-11", "2021-01-22", funding_source="失业保险技能提升补贴"),
        base(5, 323, "2018-12-03", "2018-12-28"),
        base(6, 324, "2018-12-10", "2019-01-01"),
        base(7, 325, "2021-01-11", "2021-01-22", funding_source=""),
        base(8, keen, "2021-01-04", "2021-01-08", occupation="", level="无等级"),
        base(9, keen, "2021-02-01", "2021-02-05", occupation="", level="无等级"),
        base(10, keen, "2021-03-01", "2021-03-05", occupation="", level="无等级"),
        base(11, keen, "2021-04-05", "2021-04-09", occupation="", level="无等级"),
        base(12, 326, "2020-04-01", "2020-10-31", training_type="以工代训", level="无等级", occupation="", hours="",
             employer_uscc=uscc(3), primary_group="企业职工", subsidy="3000"),
        base(13, 327, "2020-07-01", "2020-12-31", training_type="以工代训", level="无等级", occupation="", hours="",
             employer_uscc=uscc(3), primary_group="企业职工", subsidy="3000"),
        base(14, 328, "2020-03-02", "2021-02-26", training_type="企业新型学徒制", level="中级工", hours="500",
             employer_uscc=uscc(4), primary_group="企业职工", subsidy="5000", other_groups="TG28"),
        base(15, 329, "2020-09-01", "", training_type="现代学徒制", level="中级工", hours="500", status="在训",
             primary_group="两后生", subsidy="2500", approved_on="2020-10-15", paid_on="2020-11-02",
             other_groups="TG28"),
        base(16, 330, "2021-03-01", "2021-03-12", notice_date="2021-03-03"),
        base(17, 331, "2021-03-01", "2021-03-12", approved_on="2021-03-20"),
    ]
    for at, why in ((1, "R007: same person, occupation and level as Q-001"), (2, "funding FS03"), (3, "funding FS08"),
                    (4, "period: completed in 2018"), (11, "type TT09; on its own line R009 excludes it (7 months)"),
                    (12, "type TT09; 6 months, so R009 leaves it"), (14, "status: in training; an apprentice all the same (paid)")):
        rows[at].counts, rows[at].why = False, "not counted: " + why
    rows[5].why = "completed on the first day of the programme: counted (Q32)"
    rows[6].why = "blank funding source: counted (Q31)"
    rows[10].why = "counted; R008 flags it (fourth in 2021)"
    rows[15].why = "counted; notice after the start (R040)"
    rows[16].why = "counted; approved and not paid after 60 days"
    for row in rows:
        row.setdefault("employer_uscc", "")
    write_csv("training__DP01__CC-SBJ__2021-03__SYNTHETIC.csv", "CSV: rows for the counting rules, all accepted", rows)


def every_indicator():
    """Gongzhuling (scope CC2020 only): a row for every indicator that the other files leave at 0."""
    base = lambda at, who, start, end, **cells: record("S", at, who, "公主岭市", start, end, **cells)
    traveller = {"id_type": "护照", "id_number": "SYN0000401", "name": "SYNTHETIC TRAVELLER", "phone": ""}
    rows = [
        base(1, 400, "2020-09-07", "2020-09-18", training_type="创业培训", level="无等级", occupation="", subsidy="1500.50",
             certificate_type="创业培训合格证书", certificate_no="SYN-Z-S001", certificate_date="2020-09-25",
             approved_on="2020-10-20", paid_on="2020-11-10", programme_tag="返乡创业培训计划"),
        base(2, 401, "2020-09-07", "2020-09-18", training_type="安全技能培训", level="无等级", primary_group="企业职工",
             certificate_type="特种作业操作证书", certificate_no="SYN-Z-S002", certificate_date="2020-09-30",
             subsidy="800.25", approved_on="2020-10-20"),
        base(3, 402, "2020-10-12", "2020-10-23", primary_group="贫困家庭子女", delivery="线上线下混合"),
        base(4, 403, "2020-10-12", "2020-10-23", other_groups="贫困劳动力;学徒", delivery=""),
        base(5, 404, "2020-11-02", "2020-11-27", training_type="技师培训", level="高级工", institution="SYN-I0003", hours="150",
             certificate_type="职业技能等级证书", certificate_no="SYN-Z-S005", certificate_date="2020-12-10",
             subsidy="2000.01", approved_on="2021-04-30", primary_group="退役军人", other_groups="企业职工", sector="C"),
        base(6, 405, "2020-11-02", "2020-11-27", training_type="技师培训", level="技师", institution="SYN-I0003", hours="80.5",
             subsidy="2500.00", approved_on="2021-05-01", sector=""),
        base(7, 406, "2020-12-07", "2020-12-18", delivery="线上", **traveller),
        base(8, 406, "2021-01-04", "2021-01-15", delivery="线上", occupation="4-10-01-05", **traveller),
        base(9, 407, "2020-09-01", "2021-05-31", training_type="企业新型学徒制", level="中级工", hours="500",
             primary_group="企业职工", employer_uscc=uscc(5), subsidy="5000"),
        base(10, 408, "2021-05-10", "", status="在训", subsidy=""),
        base(11, 409, "2021-01-04", "2021-01-08", status="退班", subsidy="300.00", approved_on="2021-01-11",
             paid_on="2021-01-15"),
        base(12, 234, "2021-03-01", "2021-03-12", occupation="4-10-01-06", sector="O"),
        base(13, 410, "2020-07-01", "2020-08-31", training_type="以工代训", level="无等级", occupation="", hours="",
             primary_group="企业职工", employer_uscc=uscc(5), subsidy="1000"),
    ]
    for at, why in ((9, "in training"), (10, "dropped out; its subsidy was paid all the same"), (12, "type TT09; two months on its own line")):
        rows[at].counts, rows[at].why = False, "not counted: " + why
    rows[4].why = "approved 61 days before the load's day and not paid; a college: 150 hours"
    rows[5].why = "approved 60 days before the load's day: not over 60; a college: 80.5 hours"
    rows[6].why = rows[7].why = "a passport says neither sex nor age; one person, two person-times"
    rows[11].why = "trained in 农安县 in 2020 as well: one person of two units"
    write_csv("training__DP01__220184__2021-04__SYNTHETIC.csv",
              "CSV: Gongzhuling (scope CC2020), a row for every indicator that the other files leave at 0", rows)


def unreadable():
    whole = (INBOX / "training__DP01__220106__2019-12__SYNTHETIC.xlsx").read_bytes()
    name = "training__DP01__220106__2021-02__SYNTHETIC.xlsx"
    (INBOX / name).write_bytes(whole[: len(whole) * 2 // 5])
    note_file(name, "a truncated workbook", [], "quarantined")
    name = "training__DP01__220113__2021-02__SYNTHETIC.xlsx"
    with open(INBOX / "training__DP01__ALL__2020-03__SYNTHETIC.xlsx", "rb") as plain, open(INBOX / name, "wb") as out:
        OOXMLFile(plain).encrypt("SYNTHETIC", out)
    note_file(name, "a workbook with a password (SYNTHETIC)", [], "quarantined")
    name = "南关区培训台账2021年2月SYNTHETIC.csv"
    shutil.copyfile(INBOX / "training__DP01__220102__2021-01__SYNTHETIC.csv", INBOX / name)
    note_file(name, "a name that says neither dataset nor department", [], "quarantined")
    name = "training__DP77__220102__2021-02__SYNTHETIC.csv"
    shutil.copyfile(INBOX / "training__DP01__220102__2021-01__SYNTHETIC.csv", INBOX / name)
    note_file(name, "an unknown department (Q01)", [], "quarantined")
    number = person(8)["id_number"]
    name = f"training__DP01__220102__2021-02__{number}__SYNTHETIC.csv"
    shutil.copyfile(INBOX / "training__DP01__220102__2021-01__SYNTHETIC.csv", INBOX / name)
    note_file(name.replace(number[:16], "*" * 16), "an ID number in the name, which is hidden wherever it is shown", [],
              "quarantined")


# --- the other datasets ------------------------------------------------------------------------------------------

def workforce():
    employed, names = Counter(), {}
    with open(HERE / "synthetic/employed_2020_census.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            employed[row["division"]] += int(row["employed_estimate"])
            names[row["division"]] = row["name_zh"]
    names["220173"] = "长春新区"
    # Ratios in thousandths at quarter ends, 2018-12-31 to 2020-12-31: a straight line between the year ends of
    # demo_stock_series_SYNTHETIC.csv; Gongzhuling has its own since it joined.
    days = ["2018-12-31", "2019-03-31", "2019-06-30", "2019-09-30", "2019-12-31", "2020-03-31", "2020-06-30",
            "2020-09-30", "2020-12-31"]
    skilled = [2090, 2125, 2160, 2195, 2230, 2270, 2310, 2350, 2390]
    highly = [2720, 2742, 2765, 2787, 2810, 2835, 2860, 2885, 2910]
    source = "就业人员:2020年第七次全国人口普查(2020-11-01)推算;技能劳动者、高技能人才:SYNTHETIC"
    lean = {"220174": 130, "220173": 115, "220171": 112, "220112": 84, "220122": 90, "220182": 92, "220183": 91}
    city = {code: count for code, count in employed.items() if code != "220184"}
    mean = sum(count * lean.get(code, 100) for code, count in city.items()) / sum(city.values())
    rows = []
    for day, first, second in zip(days, skilled, highly):
        for code, count in sorted(city.items()):
            part = round(count * first / 10000 * lean.get(code, 100) / mean)
            rows.append(Row({"as_of": day, "division": names[code], "sector": "", "employed": str(count),
                             "skilled": str(part), "highly_skilled": str(round(part * second / 10000)),
                             "basis": "估算", "source": source}))
        if day >= "2020-06-30":
            count = employed["220184"]
            rows.append(Row({"as_of": day, "division": "公主岭市", "sector": "", "employed": str(count),
                             "skilled": str(round(count * .152)), "highly_skilled": str(round(count * .152 * .21)),
                             "basis": "估算", "source": source}))
    write_csv("workforce__DP01__ALL__2018..2020__SYNTHETIC.csv",
              "CSV: real employed persons (2020 census), SYNTHETIC stocks at quarter ends 2018-12-31 to 2020-12-31",
              rows, "workforce")
    sectors = []
    with open(HERE / "synthetic/employed_2020_census.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["division"] == "220174" and int(row["employed_estimate"]):
                count = int(row["employed_estimate"])
                sectors.append(Row({"as_of": "2020-11-01", "division": "汽开区", "sector": row["sector"],
                                    "employed": str(count), "skilled": str(count * 30 // 100),
                                    "highly_skilled": str(count * 9 // 100), "basis": "估算", "source": source}))
    sectors.append(Row({**sectors[0], "sector": "T", "employed": "10", "skilled": "12", "highly_skilled": "1"},
                       "rejected", [("V-CROSS", "skilled")], why="more skilled than employed"))
    sectors.append(Row({**sectors[0], "division": "高新区"}, "rejected", [("V-CODE", "division")],
                       why="a part of 长春新区: no total of its own (Q20)"))
    sectors.append(Row({**sectors[0], "as_of": "2021-12-31"}, "rejected", [("V-CROSS", "as_of")],
                       why="after the load's day"))
    write_xlsx("workforce__DP01__220174__2020-11__SYNTHETIC.xlsx",
               "XLSX: one zone by sector on the census day 2020-11-01", sectors, "workforce", "SYNTHETIC 汽开区就业与技能人才存量")


def targets():
    rows = []
    labels = {}
    with open(HERE / "reference/divisions.csv", encoding="utf-8") as file:
        labels = {row["code"]: row["name_zh"] for row in csv.DictReader(file)}
    with open(HERE / "synthetic/demo_target_weights.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for period, column in (("2019", "target_2019"), ("2020", "target_2020"), ("2021", "target_2021")):
                if int(row[column]):
                    rows.append(Row({"indicator": "补贴性培训人次", "unit_kind": "县(市)区", "unit": labels[row["unit_code"]],
                                     "period": period, "value": row[column], "provenance": "分解",
                                     "decision_ref": "SYNTHETIC", "valid_from": "2019-09-04"}))
    rows.append(Row({**rows[0], "unit": "南湖区"}, "rejected", [("V-CODE", "unit")], why="no such unit (Q69)"))
    write_csv("targets__DP01__ALL__2019..2021__SYNTHETIC.csv", "CSV: the demo split of the targets", rows, "targets")


def smaller():
    funds = [Row({"period": period, "division": division, "department": "财政", "funding_source": source, "kind": kind,
                  "amount": amount})
             for division in ("南关区", "220103", "朝阳区", "双阳区")
             for period, source, kind, amount in (
                 ("2019-01", "就业补助资金", "预算", "1200000.00"), ("2019-12", "就业补助资金", "拨付", "412600.50"),
                 ("2020-06", "专账资金", "拨付", "388000.00"), ("2020-09", "专账资金", "预拨", "150000.00"),
                 ("2020-12", "专账资金", "追回", "12400.00"))]
    funds.append(Row({**funds[0], "period": "2021-01..2021-03"}, notes=[("period_name", "period")], why="stored as 2021Q1"))
    funds.append(Row({**funds[0], "period": "2020-01", "amount": "-5.00"}, "rejected", [("V-RANGE", "amount")],
                     why="amounts are never negative (E8)"))
    write_csv("funds__DP06__ALL__2020__SYNTHETIC.csv", "CSV, GB18030: budget, payments, advances, recoveries", funds,
              "funds", encoding="gb18030")
    certificates = [Row({"record_no": f"SYN-Z-{at + 1:03d}", "action": "", "id_number": person(at)["id_number"],
                         "name": person(at)["name"], "occupation": "6-18-02-04", "level": "高级工" if at % 4 == 0 else "初级工",
                         "certificate_type": "职业技能等级证书", "certificate_no": f"SYN-Z-A{at + 1:03d}",
                         "issued_on": "2019-09-20", "division": "南关区", "sector": "C",
                         "employment_status": "退休" if at == 5 else "在职", "status_on": "2020-12-31"})
                    for at in range(16)]
    certificates.append(certificates[0].but("rejected", [("V-CROSS", "issued_on")], why="after the load's day",
                                            record_no="SYN-Z-017", issued_on="2021-09-20"))
    write_csv("certificates__DP01__220102__2020Q4__SYNTHETIC.csv", "CSV: register of certificates", certificates,
              "certificates")
    institutions = [Row({"code": f"SYN-I{at + 1:04d}", "name": f"SYNTHETIC第{at + 1}职业培训学校",
                         "ownership": ["民办", "公办", "院校", "企业"][at % 4], "division": "长春市", "occupation": "焊工",
                         "level": "初级工", "valid_from": "2018-01-01", "valid_to": "", "standard": "800",
                         "min_hours": "60"}) for at in range(12)]
    institutions.append(Row({**institutions[0], "code": "SYN-I0013", "valid_to": "2017-01-01"}, "rejected",
                            [("V-CROSS", "valid_to")], why="ends before it begins"))
    write_xlsx("institutions__DP01__ALL__2019__SYNTHETIC.xlsx", "XLSX: catalogue, valid for the whole city",
               institutions, "institutions", "SYNTHETIC 培训机构目录")
    education = [Row({"employer_uscc": uscc(at + 1), "year": "2020", "payroll": "10000000", "drawn": "950000",
                      "used": "900000", "frontline": "500000" if at == 0 else "612000.5"}) for at in range(10)]
    education.append(Row({**education[1], "employer_uscc": uscc(11)[:17] + ("A" if uscc(11)[17] != "A" else "B")},
                         "rejected", [("V-USCC", "employer_uscc")], why="wrong check character"))
    write_xlsx("education_funds__DP11__ALL__2020__SYNTHETIC.xlsx", "XLSX: the first enterprise is example 8 of domain 11 "
               "(55.6 %)", education, "education_funds", "SYNTHETIC 企业职工教育经费")
    returns = [Row({"period": "2020Q4", "division": division, "indicator": "补贴性培训人次", "value": value})
               for division, value in (("南关区", "120"), ("宽城区", "0"), ("220104", "35"), ("莲花山", "0"))]
    write_csv("returns__DP18__ALL__2020Q4__SYNTHETIC.csv", "CSV: totals without names; explicit zeros", returns, "returns",
              encoding="utf-8")


# --- README ------------------------------------------------------------------------------------------------------

KINDS_OF_ROW = ["new", "correction", "withdrawal", "unchanged", "rejected"]
UNITS = {"220102": "南关区", "220105": "二道区", "CC-XQ": "长春新区", "220171": "经开区", "220173": "长春新区", "高新区": "长春新区",
         "農安縣": "农安县"}


def counted(row):
    if row.counts is not None:
        return row.counts
    return row.expect == "new" and row.get("status") in ("结业", "結業", "completed", "合格")


def readme():
    lines = [README_HEAD]
    lines += ["| file | shows | status | received | new | correction | withdrawal | unchanged | rejected |",
              "|---|---|---|---|---|---|---|---|---|"]
    totals, notes, by_division = Counter(), [], Counter()
    for name, shows, status, rows in sorted(FILES, key=lambda file: file[0].encode()):
        counts = Counter(row.expect for _, row in rows)
        totals.update(counts)
        lines.append(f"| `{name}` | {shows} | {status} | {len(rows)} | "
                     + " | ".join(str(counts[kind]) for kind in KINDS_OF_ROW) + " |")
        for line, row in rows:
            for rule, column in row.notes:
                answer = "rejected" if row.expect == "rejected" else ("flagged" if rule == "flag" else "repaired")
                shown = "" if rule == "flag" else f"`{rule}`"
                notes.append(f"| `{name}` | {line} | {shown} | {column} | {answer} | {row.why} |")
            if not row.notes and row.why:
                notes.append(f"| `{name}` | {line} | | | {row.expect} | {row.why} |")
            if name.startswith("training") and counted(row) and row["division"] != "公主岭市":
                by_division[UNITS.get(row["division"], row["division"])] += 1
    lines.append(f"| **all** | | | {sum(totals.values())} | " + " | ".join(str(totals[kind]) for kind in KINDS_OF_ROW) + " |")
    lines += ["", "## Row by row", "", "Row = the number a spreadsheet shows (Q06; for the workbook with three sheets, "
              "within its sheet). A rule marked *repaired* is a repair of the receipt.", "",
              "| file | row | rule | column | answer | why |", "|---|---|---|---|---|---|", *notes]
    joined = sum(counted(row) for name, _, _, rows in FILES for _, row in rows if row.get("division") == "公主岭市"
                 and name.startswith("training"))
    assert joined == 10, joined
    lines += [HAND_WORKED, readme_counts(by_division),
              JOINED.format(all=sum(by_division.values()) + joined)]
    (HERE / "README.md").write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def readme_counts(by_division):
    """The hand-worked figures, checked against the notes of the rows."""
    table = ["| division | worked out | counted |", "|---|---|---|"]
    for division, (sums, value) in HAND.items():
        assert by_division[division] == value, (division, by_division[division], value)
        table.append(f"| {division} | {sums} | {value} |")
    assert sum(by_division.values()) == sum(value for _, value in HAND.values()), by_division
    table.append(f"| **all** | | **{sum(by_division.values())}** |")
    return "\n".join(table)


README_HEAD = """# Samples

`contracts/` and `reference/` are the real programme; `inbox/` and `synthetic/` are for trying it out. Nobody in these
files exists: women have real area codes and the never-issued sequence 000, men the non-existent area 2299xx
(`domain.md` 7.3, CONTRACT E2). Everything is marked SYNTHETIC, except the employed persons (2020 census).

- `inbox/`: the readable set below, in every format and encoding, made by `make_inbox.py` (its header says how).
- `synthetic/`: what `dabiao generate` draws from. `demo_target_weights.csv`, `period_calendar.csv` and
  `demo_stock_series_SYNTHETIC.csv` hold invented shares (columns and names say SYNTHETIC; workdays and targets of
  2019 in total are real). `employed_2020_census.csv` is real: the 2020 census by division (population × share aged 15
  and over × employment rate × industry share of the 10 % long form, rounded); its code 220173 (high-tech zone) is
  reported as 长春新区 (CC-XQ).

## The inbox, file by file

Loaded in byte order of the names with `dabiao ingest --today 2021-06-30` into an empty project; exit code 3.
"""

HAND_WORKED = """
## Counted person-times by division, worked by hand

`trained_person_times` over 2019..2021 after loading the whole inbox once. A division may appear in several files.
"""

JOINED = """
In the scope CC2020 公主岭市 adds 13 − in training 1 − dropped out 1 − TT09 1 = 10, so {all} in all.
"""

HAND = {
    "南关区": ("24 − 4 not completed − 1 moved to 朝阳区 + 1 completed by correction", 20),
    "宽城区": ("18 − 2 withdrawn", 16),
    "朝阳区": ("12 + 1 moved from 南关区", 13),
    "二道区": ("15", 15),
    "绿园区": ("14 − 2 rejected", 12),
    "双阳区": ("8 online + 10 (XLS)", 18),
    "九台区": ("8 online", 8),
    "农安县": ("8 online + 4 (ODS) + 10 (traditional headers)", 22),
    "榆树市": ("4 (ODS) + 10 (aliases)", 14),
    "德惠市": ("4 (ODS) + 5 of 27", 9),
    "净月高新区": ("6 (XLS of 1904)", 6),
    "长春新区": ("10 (JSONL) + 10 − 2 with one key", 18),
    "经开区": ("12 (Parquet)", 12),
    "市本级": ("17 − R007 1 − funding 2 − period 1 − TT09 2 − in training 1", 10),
}


def moves():
    """Which earlier rows stop or begin to count through corrections and withdrawals."""
    for name, _, _, rows in FILES:
        for _, row in rows:
            if name.startswith("training__DP01__220102__2019-09") and row["record_no"] == "SYN-A-002":
                row.counts = False
            if name.startswith("training__DP01__220103__2019-10") and row["record_no"] in ("SYN-B-011", "SYN-B-012"):
                row.counts = False
            if name.startswith("training__DP01__220102__2020-12") and row["record_no"] == "SYN-A-002":
                row.counts = True


def check_codes():
    """Every code cell of a row that is not rejected must be in its list: keeps the notes honest."""
    known = {}
    for path in (HERE / "reference").glob("*.csv"):
        with open(path, encoding="utf-8") as file:
            known[path.stem] = {word for row in csv.DictReader(file) if "code" in row
                                for word in (row["code"], row["name_zh"], row["name_en"], *row["aliases"].split("|"))}
    for name, _, _, rows in FILES:
        dataset = name.split("__")[0]
        for line, row in rows:
            repaired = {column for _, column in row.notes}
            for column, cell in row.items():
                kind = KINDS[dataset][column]
                if row.expect != "rejected" and cell and column not in repaired and kind.startswith("code"):
                    words = cell.split(";") if kind.startswith("codes") else [cell]
                    assert set(words) <= known[kind[kind.index("(") + 1:-1]], (name, line, column, cell)


def main():
    shutil.rmtree(INBOX, ignore_errors=True)
    INBOX.mkdir()
    first = clean_utf8_bom()
    second = gb18030_repairs()
    for make in (utf16_dates, semicolons_english, merged_header_xlsx, sheets_xlsx, xls, xls_1904, ods, jsonl, parquet,
                 traditional, aliases, rejections, keys):
        make()
    corrections(first)
    resend(first)
    withdrawals(second)
    for make in (counting, every_indicator, unreadable, workforce, targets, smaller):
        make()
    moves()
    check_codes()
    readme()


if __name__ == "__main__":
    main()
