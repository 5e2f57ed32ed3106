"""Photo credits: who took or sold a picture that the text does not show.

What it does
------------
Finds lines that hold nothing but a credit ("Photo: Anna Lind/Reuters", "Getty Images", "REUTERS/Anna Lind"), and
credits at the end of a line, in brackets, behind a finished sentence or behind a dash; then only the credit goes (that
the whole line is a caption, is said by CAP002). The words that announce a credit, in some forty languages, and the
agencies' names are data (`photo_credits.toml`). What follows the announcement must look like a name: capitals,
initials, slashes, no verb. At the end of a line, where a caption stands in front, more counts than on a line of its
own: the picture's owner ("© Mill Trust"), "Supplied", a name with its agency in brackets, the credits for hair and
styling behind the photographer's. A line that may be a credit is likely one above the first paragraph.

Why it matters
--------------
A credit belongs to a picture. In the text it splits paragraphs and puts names into the story that nobody quoted.

Example
-------
`The old bridge after the flood. (Photo: Anna Lind/Reuters)` becomes `The old bridge after the flood.`

Known false alarms
------------------
News agencies also sign reports: "(Reuters)", "(AP)", "PARIS (AFP) -", "sda/dpa" and "Additional reporting by Reuters"
stay, and a name with an agency behind it ("Anna Lind/AFP") counts as a credit only between two paragraphs, where no
byline stands. In brackets behind a sentence a single word ("(Twitter)"), or two names with a bar of which the second is
no agency or paper with its article ("(BBC One/ITV)"), is doubtful; so is a word with a full stop of its own that
answers ("Who pays? Privat."). A caption of capitals only behind the word photo ("Photo: Old Town Hall") is taken for a
name.

Options
-------
None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Document, Finding, Safety
from dedupe.rule import cut, replace, rule


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


@rule("CAP001", "photo-credit", Options)
def photo_credit(document: Document, options: Options) -> Iterator[Finding]:  # noqa: ARG001
    """Lines that are a credit, and credits at the end of a line."""
    text = document.article.text
    lead = document.sentences[document.lead].block if document.lead >= 0 else 0
    for credit in document.credits:
        where = "" if credit.whole_line else " at the end of the line"
        message = f"a photo credit{where}: {text[credit.span.start : credit.span.end].strip()}"
        before_stop = credit.span.end < document.blocks[credit.block].body.end
        edit = replace(document, credit.span, "") if before_stop else cut(document, credit.span)
        above = credit.whole_line and 0 < credit.block < lead
        safety = max(credit.safety, Safety.LIKELY) if above else credit.safety
        yield Finding("CAP001", credit.span, message, safety, (edit,))
