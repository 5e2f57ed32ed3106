"""What the tests of cleaning by hand share: articles in which something is to be judged, and a session over them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from shell import REPEAT

from dedupe.decisions import Verdict
from dedupe.model import Article
from dedupe.pipeline import Cleaner, Result, run
from dedupe.review.session import Session

TEXTS = {
    "bridge": f"Ferries sail again.\n\n{REPEAT}\n\nThe lorries wait no longer. layers\n\n{REPEAT}\n",
    "road": "The road is open again. layers\nShare this article\nTraffic flows both ways, said the warden Tam Okoye.",
    "quiet": "Nothing stands here that would have to go, said the clerk.",
    "arabic": "أعلنت بلدية مرسى الزيتون أن الجسر القديم سيعود إلى العمل صباح الاثنين.\nتصوير: سلمان الغدير\n"
    "وقالت رئيسة البلدية إن المهندسين أنهوا العمل قبل الموعد المحدد بأسبوعين.",
    "german": "Die Fähre nach Arvelle fährt wieder. layers\nDas sagte Hafenmeisterin Wibke Sörland am Montag.",
}
ARTICLES = [
    Article(text, id=name, title=f"About {name}", ordinal=number) for number, (name, text) in enumerate(TEXTS.items())
]
CLEANER = Cleaner(ignore="LAY090")


@lru_cache(None)
def clean(article_id: str | None, said: tuple[Verdict, ...]) -> Result:
    article = next(article for article in ARTICLES if article.id == article_id)
    return run(article, CLEANER.rules, CLEANER.policy, CLEANER.model, (), said)


def session(**more: Any) -> Session:
    return Session(ARTICLES, lambda article, said: clean(article.id, said), **more)
