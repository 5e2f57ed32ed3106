"""HTML pages and web archives, through the command and the real libraries."""

from __future__ import annotations

import gzip
import importlib
import io
import json
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell import Shell, names, put
from shell import shell as shell

from dedupe import cleaning
from dedupe.errors import InputError
from dedupe.io.chunks import Chunk
from dedupe.io.encoding import Codec
from dedupe.io.formats import archive, page
from dedupe.io.packing import packed
from dedupe.io.record import Reject
from dedupe.io.source import opened
from dedupe.parallel import WorkerError

pytest.importorskip("trafilatura")
pytest.importorskip("fastwarc")

UTF_8 = Codec("utf-8")
LEAD = "The ferries between Varn and Arwel sail again from Monday, the harbour office said after eleven days of storm."
MAYOR = "Mayor Orla Fenwick said that the council had spent 3 million crowns on the new deck and the railings."
HEAD = """<link rel="canonical" href="https://www.varn.example/news/ferries">
<meta property="og:title" content="Ferries sail again">
<meta property="article:published_time" content="2024-05-01T08:00:00Z">"""
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ferries sail again | Varn Courier</title>
{HEAD}</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Ferries sail again</h1>
<figure><img src="a.jpg"><figcaption>The harbour of Arwel. Photo: Jan Uhl/Courier</figcaption></figure>
<p>{LEAD}</p><p>{MAYOR}</p><p>The lorries wait no longer. layers</p><p>{MAYOR}</p></article>
<div class="share"><a href="/f">Share on Facebook</a> <a href="/t">Tweet</a></div>
<aside><h3>Read more</h3><ul><li><a href="/storm">Storm closes the harbour</a></li></ul></aside>
<div class="comments"><p>Nils: about time, I waited a week at the quay.</p></div>
<footer>Imprint, terms of use</footer></body></html>"""
TAKEN_OUT = f"Ferries sail again\n{LEAD}\n{MAYOR}\nThe lorries wait no longer. layers\n{MAYOR}"
CLEANED = f"{LEAD}\n{MAYOR}\nThe lorries wait no longer."
BLANK = "<html><head><title>Gallery</title></head><body><img src=1.jpg></body></html>"
NOT_HTML = "no article was found in the page"

RUSSIAN = (
    "Паром снова ходит",
    "Паром между Варном и Арвелем снова ходит с понедельника, сообщила портовая служба.",
    "Мэр Орла Фенвик заявила, что совет потратил три миллиона крон на новую палубу.",
    "Одиннадцать дней шторма держали грузовики на причале, и склады в Варне опустели, сказал начальник порта.",
)
JAPANESE = (
    "渡し船が再開",
    "ヴァルンとアルウェルを結ぶ渡し船が月曜日に再開したと港湾局が発表した。",
    "町長は新しい甲板に三百万クローネを使ったと述べた。",
)
GERMAN = ("Fähre fährt", "Die Fähre fährt wieder, sagte Hafenmeisterin Ida Lund.", "Die Züge fahren auch, so Jörg Möß.")


def short(lines: tuple[str, ...], declared: str = "") -> str:
    title, *paragraphs = lines
    body = "".join(f"<p>{line}</p>" for line in paragraphs)
    return f"<html><head>{declared}<title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body>"


def http_equiv(charset: str) -> str:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'


# --- pages


@pytest.mark.parametrize(
    ("lines", "declared", "written", "codec", "header"),
    [
        (RUSSIAN, '<meta charset="windows-1251">', "cp1251", "utf-8", None),
        (RUSSIAN, http_equiv("koi8-r"), "koi8-r", "utf-8", None),
        (RUSSIAN, "", "cp1251", "utf-8", "text/html; charset=windows-1251"),
        (RUSSIAN, '<meta charset="iso-8859-1">', "cp1251", "utf-8", "text/html; charset=windows-1251"),
        (RUSSIAN, "", "cp1251", "cp1251", None),
        (RUSSIAN, '<meta charset="windows-1251">', "utf-8", "utf-8", "text/html; charset=windows-1251"),
        (RUSSIAN, "", "utf-8-sig", "utf-8", None),
        (JAPANESE, http_equiv("Shift_JIS"), "cp932", "utf-8", None),
        (JAPANESE, '<meta charset="euc-jp">', "euc-jp", "utf-8", None),
        (JAPANESE, '<meta charset="iso-2022-jp">', "iso-2022-jp", "utf-8", None),
        (JAPANESE, "", "utf-16-le", "utf-16-le", None),
        (GERMAN, '<meta charset="iso-8859-1">', "cp1252", "utf-8", None),
        (GERMAN, "", "utf-8", "utf-8", "text/html"),
    ],
)
def test_encoding_of_a_page(
    lines: tuple[str, ...], declared: str, written: str, codec: str, header: str | None
) -> None:
    found = page.extracted(short(lines, declared).encode(written), Codec(codec), header)
    assert found is not None
    assert (found.title, found.text) == (lines[0], "\n".join(lines))


JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Ferries sail again", "datePublished": "2024-05-01T08:00:00+02:00", "url": "https://varn.example/f"}</script>"""
DATED = f"<p>{LEAD}</p><p>On 3 March 2019 the old ferry sank.</p>"


@pytest.mark.parametrize(
    ("head", "title", "url", "published"),
    [
        (HEAD, "Ferries sail again", "https://www.varn.example/news/ferries", "2024-05-01"),
        (JSON_LD, "Ferries sail again", None, "2024-05-01"),
        ("<title>Ferries sail</title>", "Ferries sail", None, None),
        ("", None, None, None),
    ],
)
def test_what_a_page_says_of_its_article(head: str, title: str | None, url: str | None, published: str | None) -> None:
    made = f"<html><head>{head}</head><body><article>{DATED}</article></body></html>"
    found = page.extracted(made.encode(), UTF_8)
    assert found is not None
    assert (found.title, found.url, found.published) == (title, url, published)


@pytest.mark.parametrize("page_bytes", [PAGE.encode(), PAGE.encode("utf-16")])
def test_a_page_becomes_its_cleaned_article(dedupe: Shell, page_bytes: bytes) -> None:
    put("ferries.html", page_bytes)
    assert dedupe("clean", "ferries.html").out == f"{CLEANED}\n".encode()
    run = dedupe("clean", "ferries.html", "-o", "out.txt", "--report", "plan.jsonl")
    assert (run.code, Path("out.txt").read_text()) == (0, f"{CLEANED}\n")
    assert "REP006" in run.err  # the page's title reached the article
    assert dedupe("undo", "out.txt", "--report", "plan.jsonl").out == f"{TAKEN_OUT}\n".encode()
    assert Path("ferries.html").read_bytes() == page_bytes


def test_a_page_from_standard_input_and_with_marks(dedupe: Shell) -> None:
    assert dedupe("clean", "-", "--format", "html", stdin=PAGE.encode()).out == f"{CLEANED}\n".encode()
    put("ferries.htm", PAGE)
    marked = dedupe("clean", "ferries.htm", "--mark").out.decode()
    assert "{-- layers--}" in marked and LEAD in marked


def test_site_and_address_of_a_page_reach_the_article() -> None:
    record = page.Page("a.html", UTF_8).record(PAGE.encode())
    assert not isinstance(record, Reject)
    article = record.article
    assert (article.title, article.url) == ("Ferries sail again", "https://www.varn.example/news/ferries")
    assert (article.site, article.published) == ("varn.example", "2024-05-01")


def test_readers_comments_and_menus_are_not_taken_out_but_tables_are() -> None:
    table = "<table><tr><td>Varn</td><td>3</td></tr><tr><td>Arwel</td><td>2</td></tr></table>"
    found = page.extracted(PAGE.replace("</article>", f"{table}</article>").encode(), UTF_8)
    assert found is not None
    assert "Nils" not in found.text and "Imprint" not in found.text and "Arwel | 2" in found.text


def test_the_same_page_again_gives_the_same(dedupe: Shell) -> None:
    Path("pages").mkdir()
    for name in "abcd":
        put(f"pages/{name}.html", PAGE)
    dedupe("clean", "pages", "-o", "out")
    assert {Path(name).read_text() for name in names() if name.startswith("out/")} == {f"{CLEANED}\n"}


@pytest.mark.parametrize("bad", [BLANK, "", "no tags at all", '{"a": 1}', b"\x00\xff\xfe" * 40])
def test_a_page_without_article_stops_no_other(dedupe: Shell, bad: str | bytes) -> None:
    Path("pages/deep").mkdir(parents=True)
    put("pages/a.html", PAGE)
    put("pages/b.html", bad)
    put("pages/deep/c.htm", PAGE)
    put("pages/d.md", "Snow fell in Varn. layers\n")
    run = dedupe("clean", "pages", "-o", "out", "--report", "plan.jsonl")
    assert run.code == 3
    assert f"rejected: pages/b.html: {NOT_HTML}\n" in run.err and "1 rejected" in run.err
    assert {name for name in names() if name.startswith("out/")} == {"out/a.txt", "out/deep/c.txt", "out/d.md"}
    for cleaned, original in (("out/a.txt", f"{TAKEN_OUT}\n"), ("out/d.md", "Snow fell in Varn. layers\n")):
        assert dedupe("undo", cleaned, "--report", "plan.jsonl").out.decode() == original
    assert not any(name.endswith(".part") for name in names())


def test_a_single_page_without_article(dedupe: Shell) -> None:
    put("a.html", BLANK)
    put("old.txt", "from an earlier run")
    for arguments in ([], ["-o", "new.txt"], ["-o", "old.txt"], ["--diff"], ["--jobs", "2"]):
        run = dedupe("clean", "a.html", *arguments)
        assert (run.code, run.out) == (3, b"")
        assert run.err.startswith(f"rejected: a.html: {NOT_HTML}\n1 record")
    assert names() == {"a.html", "old.txt"}
    assert Path("old.txt").read_text() == "from an earlier run"


@pytest.mark.parametrize(
    ("name", "content", "written", "told"),
    [("a.html", PAGE, [], ["a.html"]), ("b.txt", "Snow fell.", [b"Snow fell."], [])],
)
def test_a_page_with_which_a_worker_ends_is_told_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, written: list[bytes], told: list[str]
) -> None:
    def alone(*_: Any) -> None:
        raise WorkerError("a worker process was ended from outside")

    monkeypatch.chdir(tmp_path)
    put(name, content)
    workers: Any = SimpleNamespace(alone=alone)
    with opened(name) as source:
        task = cleaning.Task(0, Chunk(source.format, 0, list(source.pieces), 7), cleaning.Wanted())
    done = cleaning._alone(workers, task)
    assert (done.pieces, [reject.place for reject in done.rejects]) == (written, told)
    assert done.tally.unread


# --- web archives


def record(type: str, kind: str, body: bytes, number: int, **headers: str) -> bytes:
    lines = {
        "WARC-Type": type,
        "WARC-Record-ID": f"<urn:uuid:{number:032x}>",
        "WARC-Date": "2024-05-02T09:00:00Z",
        "WARC-Target-URI": f"https://varn.example/{number}",
        "Content-Type": kind,
        "Content-Length": str(len(body)),
    } | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + body + b"\r\n\r\n"


def answer(body: bytes, number: int, *headers: str, status: str = "200 OK") -> bytes:
    head = "".join(f"{line}\r\n" for line in headers or ("Content-Type: text/html; charset=utf-8",))
    block = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
    return record("response", "application/http; msgtype=response", block, number)


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))


OTHERS = [
    record("warcinfo", "application/warc-fields", b"software: invented\r\n", 90),
    record("request", "application/http; msgtype=request", b"GET / HTTP/1.1\r\nHost: varn.example\r\n\r\n", 91),
    answer(b"\x89PNG", 92, "Content-Type: image/png"),
    answer(PAGE.encode(), 93, status="404 Not Found"),
    answer(b"", 94, "Location: /new", status="301 Moved Permanently"),
    record("response", "text/dns", b"varn.example. 60 IN A 192.0.2.1", 95),
    record("resource", "text/plain", b"User-agent: *", 96),
    record("conversion", "application/pdf", b"%PDF", 97),
    record("response", "application/http; msgtype=response", b"no HTTP", 98),
]
WET = record("conversion", "text/plain", f"Varn Courier\n{MAYOR}\n{LEAD}\n{MAYOR}\n".encode(), 1)
PAGES = [WET, answer(PAGE.encode(), 2), answer(BLANK.encode(), 3), answer(short(RUSSIAN).encode(), 4)]
MIXED = [piece for pair in zip(OTHERS, [*PAGES, *[b""] * 5], strict=True) for piece in pair if piece]


def archive_of(records: list[bytes], packing: str = "") -> bytes:
    """An archive as crawlers write it: each record compressed for itself."""
    made = io.BytesIO()
    for each in records:
        part = io.BytesIO()
        part.close = lambda: None  # type: ignore[method-assign]
        with packed(part, f"a.warc{packing}") as file:
            file.write(each)
        made.write(part.getvalue())
    return made.getvalue()


def lines_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.warc.zst", "crawl.wet.gz"])
def test_an_archive_becomes_jsonl_and_undo_brings_its_texts_back(dedupe: Shell, name: str, jobs: str) -> None:
    if name.endswith(".zst"):
        pytest.importorskip("zstandard")
    put(name, archive_of(MIXED, Path(name).suffix if name.count(".") > 1 else ""))
    run = dedupe("clean", name, "-o", "out.jsonl", "--report", "plan.jsonl", "--jobs", jobs)
    assert run.code == 0
    assert "4 records: 3 changed, 0 unchanged, 1 without text" in run.err
    first, second, third, fourth = lines_of(Path("out.jsonl").read_bytes())
    address = {"id": f"<urn:uuid:{1:032x}>", "url": "https://varn.example/1", "crawled": "2024-05-02T09:00:00Z"}
    assert list(first) == ["id", "url", "crawled", "text"] and first.items() > address.items()
    assert second["text"] == CLEANED
    assert (second["title"], second["published"]) == ("Ferries sail again", "2024-05-01")
    assert (third["url"], third["text"]) == ("https://varn.example/3", None)
    assert fourth["text"] == "\n".join(RUSSIAN[1:])  # without the headline
    undone = lines_of(dedupe("undo", "out.jsonl", "--report", "plan.jsonl").out)
    assert [line["text"] for line in undone] == [
        f"Varn Courier\n{MAYOR}\n{LEAD}\n{MAYOR}\n",
        TAKEN_OUT,
        None,
        "\n".join(RUSSIAN),
    ]
    assert [line | {"text": ""} for line in undone] == [line | {"text": ""} for line in (first, second, third, fourth)]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Type: text/html"], PAGE.encode()),
        (["content-type: Text/HTML;charset=utf-8"], PAGE.encode()),
        (["Content-Type: application/xhtml+xml"], PAGE.encode()),
        (["Content-Type: text/html", "Content-Encoding: gzip"], gzip.compress(PAGE.encode())),
        (["Content-Type: text/html", "Content-Encoding: deflate"], zlib.compress(PAGE.encode())),
        (["Content-Type: text/html", "Transfer-Encoding: chunked"], chunked(PAGE.encode())),
        (
            ["Content-Type: text/html", "Transfer-Encoding: chunked", "Content-Encoding: gzip"],
            chunked(gzip.compress(PAGE.encode())),
        ),
        (["Content-Type: text/html", "Content-Encoding: gzip"], PAGE.encode()),
        (["Content-Type: text/html", "Content-Encoding: br"], PAGE.encode()),
        (["Content-Type: text/html", "Transfer-Encoding: chunked"], PAGE.encode()),
        (
            ["Content-Type: text/html", "Transfer-Encoding: chunked", "Content-Encoding: gzip"],
            gzip.compress(PAGE.encode()),
        ),
    ],
)
def test_an_answer_is_decoded_as_far_as_its_headers_are_true(dedupe: Shell, headers: list[str], body: bytes) -> None:
    put("crawl.warc.gz", archive_of([answer(body, 1, *headers), answer(PAGE.encode(), 2)], ".gz"))
    run = dedupe("clean", "crawl.warc.gz")
    assert [line["text"] for line in lines_of(run.out)] == [CLEANED, CLEANED]


def test_encoding_and_address_of_an_answer(dedupe: Shell) -> None:
    russian = short(RUSSIAN).encode("cp1251")
    kept = [
        answer(russian, 1, "Content-Type: text/html; charset=windows-1251"),
        record(
            "resource", "text/html; charset=windows-1251", russian, 2, **{"WARC-Target-URI": "<https://v.example/2>"}
        ),
        answer(short(JAPANESE, http_equiv("Shift_JIS")).encode("cp932"), 3, "Content-Type: text/html"),
    ]
    put("crawl.warc", b"".join(kept))
    crawl = Path("crawl.warc").read_bytes()
    found = lines_of(dedupe("clean", "-", "--format", "warc", "--ignore", "REP006", stdin=crawl).out)
    assert [line["text"] for line in found] == ["\n".join(RUSSIAN)] * 2 + ["\n".join(JAPANESE)]
    assert found[1]["url"] == "https://v.example/2"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.warc.gz", archive_of(PAGES, ".gz")[:-40]),
        ("cut.warc", b"".join(PAGES)[:-40]),
        ("cut.wet", WET[:-40]),
        ("head.warc", b"".join([*PAGES, WET[:60]])),
        ("noise.warc", b"".join([*PAGES[:2], b"noise\r\nnoise\r\n\r\n", *PAGES[2:]])),
        ("bad.warc.gz", (whole := archive_of(PAGES, ".gz"))[:900] + b"\0\0\0" + whole[903:]),
        ("none.warc", b"Snow fell in Varn.\n" * 9),
        ("page.warc.gz", gzip.compress(PAGE.encode())),
    ],
)
def test_a_damaged_archive_ends_in_one_line(dedupe: Shell, name: str, data: bytes) -> None:
    put(name, data)
    run = dedupe("clean", name, "-o", "out.jsonl")
    assert run.code == 2 and run.err.startswith(f"dedupe: {name} is damaged") and run.err.count("\n") == 1
    assert names() == {name}


def test_an_archive_without_pages_is_an_empty_output(dedupe: Shell) -> None:
    put("meta.warc", b"".join(OTHERS))
    run = dedupe("clean", "meta.warc", "-o", "out.jsonl")
    assert (run.code, Path("out.jsonl").read_bytes()) == (0, b"") and run.err.startswith("0 records")


def test_a_page_that_trafilatura_cannot_read_keeps_its_place(dedupe: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    trafilatura = importlib.import_module("trafilatura")
    real = trafilatura.bare_extraction

    def failing(content: Any, **options: Any) -> Any:
        if "<title>Gallery" in content:
            raise RecursionError("too deep")
        return real(content, **options)

    monkeypatch.setattr(trafilatura, "bare_extraction", failing)
    put("crawl.warc", b"".join([PAGES[2], PAGES[1]]))
    put("a.html", BLANK)
    run = dedupe("clean", "crawl.warc", "-o", "out.jsonl", "--report", "plan.jsonl")
    assert run.code == 3 and "rejected: crawl.warc, line 1: trafilatura cannot read the page (RecursionError" in run.err
    assert [line["text"] for line in lines_of(Path("out.jsonl").read_bytes())] == [CLEANED]
    undone = lines_of(dedupe("undo", "out.jsonl", "--report", "plan.jsonl").out)
    assert [(line["url"][-1], line["text"]) for line in undone] == [("3", None), ("2", TAKEN_OUT)]
    assert "rejected: a.html: trafilatura cannot" in dedupe("clean", "a.html").err


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40)))
def test_every_text_of_a_wet_file_is_a_line_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    records = [record("conversion", "text/plain", text.encode(), number) for number, text in enumerate(texts)]
    path = tmp_path_factory.mktemp("wet") / "a.wet.gz"
    path.write_bytes(archive_of([OTHERS[0], *records], ".gz"))
    with opened(str(path)) as source:
        found = [each for each in source.records() if not isinstance(each, (bytes, Reject))]
    assert [json.loads(each.raw)["text"] for each in found] == texts
    assert all(each.raw.count(b"\n") == 1 for each in found)
    assert [each.article.ordinal for each in found if each.article] == [
        n for n, text in enumerate(texts) if text.strip()
    ]


def test_dropped_pages_of_an_archive_come_back(dedupe: Shell) -> None:
    put("a.warc", answer(PAGE.encode(), 1))
    put("b.warc", answer(PAGE.encode(), 2) + answer(short(RUSSIAN).encode(), 3))
    assert dedupe("index", "add", "seen.db", "a.warc").code == 0
    run = dedupe("clean", "b.warc", "-o", "o.jsonl", "--index", "seen.db", "--drop", "--report", "plan.jsonl")
    assert "1 dropped" in run.err and len(lines_of(Path("o.jsonl").read_bytes())) == 1
    undone = lines_of(dedupe("undo", "o.jsonl", "--report", "plan.jsonl").out)
    assert [line["text"] for line in undone] == [TAKEN_OUT, "\n".join(RUSSIAN)]


# --- both


def test_every_command_reads_a_folder_of_pages_and_archives(dedupe: Shell) -> None:
    Path("crawl").mkdir()
    put("crawl/a.html", PAGE)
    put("crawl/b.warc.gz", archive_of(MIXED, ".gz"))
    put("crawl/c.png", b"\x89PNG")
    run = dedupe("scan", "crawl")
    assert run.code == 1 and b"crawl/a.html:1:1: REP006" in run.out and b"crawl/b.warc.gz:2:1: REP006" in run.out
    run = dedupe("duplicates", "crawl")
    assert (run.code, [line["keeper"] for line in lines_of(run.out)]) == (0, ["crawl/a.html"])
    assert "4 articles; 1 duplicate in 1 group" in run.err
    assert dedupe("index", "add", "seen.db", "crawl").code == 0
    run = dedupe("clean", "crawl", "-o", "out", "--report", "plan.jsonl")
    assert run.code == 0 and "1 file of other kinds left out" in run.err
    assert {name for name in names() if name.startswith("out/")} == {"out/a.txt", "out/b.jsonl.gz"}
    assert dedupe("undo", "out/a.txt", "--report", "plan.jsonl").out == f"{TAKEN_OUT}\n".encode()
    undone = lines_of(dedupe("undo", "out/b.jsonl.gz", "--report", "plan.jsonl").out)
    assert [line["text"] for line in undone][1:] == [TAKEN_OUT, None, "\n".join(RUSSIAN)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.html", "--in-place"], "a.html cannot be written as .html: use -o FOLDER"),
        (["a.warc", "--in-place"], "a.warc cannot be written as .warc: use -o FOLDER"),
        (["a.html", "-o", "b.html"], "b.html: the output is written as .txt"),
        (["a.warc", "-o", "b.warc.gz"], "b.warc.gz: the output is written as .jsonl"),
        (["a.html", "a.txt", "-o", "out"], "out/a.txt would be written twice"),
    ],
)
def test_what_pages_and_archives_are_not_written_as(dedupe: Shell, arguments: list[str], said: str) -> None:
    put("a.html", PAGE)
    put("a.txt", "Snow fell.")
    put("a.warc", answer(PAGE.encode(), 1))
    run = dedupe("clean", *arguments)
    assert run.code == 2 and run.err.startswith(f"dedupe: {said}") and run.err.count("\n") == 1
    assert names() == {"a.html", "a.txt", "a.warc"}


@pytest.mark.parametrize(
    ("missing", "name", "said"),
    [
        ("trafilatura", "a.html", 'an HTML page needs trafilatura: pip install "dedupe-news[html]"'),
        ("w3lib", "a.html", 'an HTML page needs w3lib: pip install "dedupe-news[html]"'),
        ("fastwarc.warc", "a.warc", 'a web archive needs fastwarc: pip install "dedupe-news[warc]"'),
    ],
)
def test_a_library_that_is_not_installed_is_one_line(
    dedupe: Shell, monkeypatch: pytest.MonkeyPatch, missing: str, name: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    page._trafilatura.cache_clear()
    put("a.html", PAGE)
    put("a.warc", WET)
    run = dedupe("clean", name)
    assert (run.code, run.err) == (2, f"dedupe: {said}\n")
    with pytest.raises(InputError):
        page.extracted(PAGE.encode(), UTF_8) if name == "a.html" else archive._fastwarc()
