"""Tables through the command: what `clean`, `undo`, `duplicates` and `index` make of one, and what they refuse."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from shell import CLEAN, DIRTY, REPEAT, Shell, names, put
from shell import shell as shell
from table_rows import table_of, values

SHEET = f'nr;text;ort\r\n1;"{DIRTY}";Varn\r\n2;{CLEAN.strip()};"Kest; Ilm"\r\n3;;\r\n4;a;b;c\r\n'
DONE = SHEET.replace(DIRTY, CLEAN).replace("4;a;b;c\r\n", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_clean_and_undo(dedupe: Shell, jobs: str) -> None:
    put("a.csv", SHEET)
    code, _, err = dedupe("clean", "a.csv", "-o", "o.csv", "--report", "p.jsonl", "--jobs", jobs)
    assert code == 3
    assert "a.csv, line 5: 4 cells where the header has 3: is there a ';' in a text without quotes?" in err
    assert "1 changed, 1 unchanged, 1 without text, 1 rejected" in err
    assert Path("o.csv").read_bytes().decode() == DONE
    assert names() == {"a.csv", "o.csv", "o.csv.rejects.jsonl", "p.jsonl"}
    assert dedupe("undo", "o.csv", "--report", "p.jsonl", "-o", "b.csv").code == 0
    assert Path("b.csv").read_bytes().decode() == SHEET


def test_a_text_column_by_name_and_a_delimiter_that_only_it_tells(dedupe: Shell) -> None:
    sheet = f"Artikel;Ort, Land\n{DIRTY.strip()};Varn\n"
    put("a.csv", sheet)
    dedupe("clean", "a.csv", "-o", "o.csv", "--text-field", "Artikel", "--report", "p.jsonl")
    assert Path("o.csv").read_text() == sheet.replace(" layers", "")
    assert dedupe("undo", "o.csv", "--report", "p.jsonl").out.decode() == sheet


def test_a_table_without_a_column_for_the_text(dedupe: Shell) -> None:
    put("a.csv", f"nr;Artikel\n1;{DIRTY}")
    code, _, err = dedupe("clean", "a.csv", "-o", "o.csv")
    assert (code, names()) == (2, {"a.csv"})
    assert "no record of a.csv has a text" in err
    assert "its fields: Artikel, nr; say which one holds it with --text-field NAME" in err


def test_a_table_whose_header_is_missing(dedupe: Shell) -> None:
    put("a.csv", f'1,"Ferries sail again.\n\n{REPEAT}"\n2,"{DIRTY}"\n')
    code, _, err = dedupe("clean", "a.csv", "-o", "o.csv")
    assert (code, err.count("\n")) == (2, 1)
    assert "its fields: 1, Ferries sail again.⏎…" in err


def test_standard_input_and_tabs(dedupe: Shell) -> None:
    sheet = f"text\tid\n{DIRTY.strip()}\t1\n"
    assert dedupe("clean", "--format", "csv", stdin=sheet.encode()).out.decode() == sheet.replace(" layers", "")
    put("a.tsv.gz", gzip.compress(sheet.encode()))
    assert dedupe("clean", "a.tsv.gz", "-o", "o.csv").code == 0
    assert Path("o.csv").read_text() == sheet.replace(" layers", "")
    assert dedupe("clean", "a.tsv.gz", "-o", "o.jsonl").code == 2


def test_mark_adds_a_column(dedupe: Shell) -> None:
    put("a.csv", SHEET)
    assert dedupe("clean", "a.csv", "--mark", "-o", "o.csv", "--report", "p.jsonl").code == 3
    kind, rows = table_of(Path("o.csv").read_bytes())
    marked = values(kind, rows)
    assert marked[0] == ["nr", "text", "ort", "dedupe"]
    assert [row[3] == "" for row in marked[1:]] == [False, True, True]
    assert json.loads(marked[1][3])[0]["code"] == "LAY001"
    assert [row[:3] for row in marked] == values(kind, table_of(SHEET.encode())[1][:-1])
    code, _, err = dedupe("undo", "o.csv", "--report", "p.jsonl")
    assert code == 2
    assert "it comes from --mark" in err
    code, _, err = dedupe("clean", "o.csv", "--mark", "-o", "again.csv")
    assert code == 2
    assert "o.csv has a column 'dedupe' already: remove or rename it" in err


def test_marks_in_an_encoding_of_few_characters(dedupe: Shell) -> None:
    put("a.csv", f'id,text\r\n1,"Schnee fällt. {DIRTY}"\r\n'.encode("cp1252"))
    assert dedupe("clean", "a.csv", "--mark", "-o", "o.csv", "--encoding", "cp1252").code == 0
    kind, rows = table_of(Path("o.csv").read_bytes(), encoding="cp1252")
    assert json.loads(values(kind, rows)[1][2])[0]["code"] == "LAY001"


@pytest.mark.parametrize("sheet", ["", "id,text\n", "id,note\n"])
def test_a_table_without_rows(dedupe: Shell, sheet: str) -> None:
    put("a.csv", sheet)
    assert dedupe("clean", "a.csv", "-o", "o.csv").code == 0
    assert Path("o.csv").read_text() == sheet


def test_a_header_that_is_none(dedupe: Shell) -> None:
    put("a.csv", f"\n{SHEET}")
    code, _, err = dedupe("clean", "a.csv", "-o", "o.csv")
    assert (code, names()) == (2, {"a.csv"})
    assert err == "dedupe: a.csv: the first line must name the columns, and it is blank: remove it\n"


def test_duplicates_and_an_index_over_a_table(dedupe: Shell) -> None:
    story = f"Ferries sail again from Varn to Kest. {REPEAT} The lorries wait no longer at the quay of Ilm."
    put("a.csv", f'id,text\n1,"{story}"\n2,Rain fell on the hills of Sarn all night.\n3,"{story}"\n')
    code, out, _ = dedupe("duplicates", "a.csv")
    group = json.loads(out)
    assert (code, group["keeper"], [member["id"] for member in group["members"]]) == (0, "1", ["3"])
    assert "3 new" in dedupe("index", "add", "seen.db", "a.csv").err
    assert "3 there already" in dedupe("index", "add", "seen.db", "a.csv").err
    put("b.csv", f'id;text\n9;"{story}"\n10;"The market of Ilm opens on Monday, with cheese and {DIRTY.strip()}"\n')
    code, *_ = dedupe("clean", "b.csv", "--index", "seen.db", "--drop", "-o", "o.csv", "--report", "p.jsonl")
    assert code == 0
    assert [row[:3] for row in Path("o.csv").read_text().splitlines()] == ["id;", "10;"]
    assert dedupe("undo", "o.csv", "--report", "p.jsonl").out == Path("b.csv").read_bytes()
