"""An invented article with all the parts of a page as a magazine prints it, in the order in which it prints them."""

from __future__ import annotations

from datetime import UTC, datetime

from ivpipe.model import Block, BlockType, Document, Page

P, H = BlockType.PARAGRAPH, BlockType.HEADING

EXAMPLE = Page(
    key="ivpipe-12-en",
    slug="the-orchards-of-valmare",
    lang="en",
    revision=1,
    document=Document(
        url="https://vergers.example/eau-et-tribunaux",
        title="The orchards of Valmare will not wait for the courts",
        lang="en",
        kicker="Kaldavia",
        standfirst=(
            "Two summers without rain, a river that has been sold, and three villages that open the sluices by night. "
            "Nobody in the valley believes that the law will be quicker than the trees."
        ),
        authors=("Ilse Marant",),
        published="2025-06-14",
        blocks=(
            Block(
                P,
                "The pumping station stands behind a fence that was put up in March. Until then it had belonged to the "
                "municipality; since then it has belonged to a company whose office is a letter box in the capital.",
            ),
            Block(
                P,
                "It would be wrong to think that the growers were taken by surprise. They had written letters, collected "
                "four thousand signatures, and sat in the council chamber until the lights were switched off.",
            ),
            Block(H, "Who may water what", 2),
            Block(
                P,
                "The contract gives the company the first right to every litre. What is left is shared out by a table that "
                "nobody had read before it was hung up in the town hall: vines first, then golf, then fruit. On average a "
                "grower has been allowed to water 11 hours a week, against 60 the year before.",
            ),
            Block(
                P,
                "“They tell us to plant almonds,” says a woman who has pruned pears for thirty years. “Almonds take five "
                "years. My bank gives me until October.”",
            ),
            Block(H, "Harvest under guard", 2),
            Block(
                P,
                "Since the first sluice was opened by night, private guards have walked the canal in pairs. Seventeen people "
                "have been fined, two are awaiting trial. A page of theirs, “Water Finds Its Way”, tells who was stopped, "
                "where, and what was said; it is read aloud in the cafés.",
            ),
            Block(
                P,
                "The pickers, most of whom come over the mountains for the season, have been told that they are paid by the "
                "crate again. With small fruit, that means a third less.",
            ),
            Block(H, "What the neighbours do", 2),
            Block(
                P,
                "Downstream, the fishing villages have understood that the dispute is theirs too. Their co-operative lends its "
                "lorries; the growers lend their voices at the harbour board. That is how far it has come, and it is further "
                "than any party of the region has gone in ten years.",
            ),
            Block(P, "14 June 2025", role="signature"),
        ),
    ),
    byline=("Ilse Marant",),
    translator="",
    attribution_html=(
        "Translated by <strong>International Ferry</strong> from <strong>La Semaine des vergers</strong>."
    ),
    postscript_html=(
        "If you have found this article useful, please help to pay for the next one: follow this link, "
        '<a href="https://ferry.example/give">Donate</a>, and enter a sum of your choice. Regular gifts keep us going.'
    ),
    copyright="© International Ferry – All rights reserved",
    licence="",
    magazine="International Ferry",
    partner="La Semaine des vergers",
    partner_url="https://vergers.example/",
    original_url="https://vergers.example/eau-et-tribunaux",
    original_lang="fr",
    original_title="Les vergers de Valmare n’attendront pas les tribunaux",
    original_published="2025-06-14",
    published_at=datetime(2025, 6, 22, 9, tzinfo=UTC),
    updated_at=datetime(2025, 6, 22, 9, tzinfo=UTC),
    country="Kaldavia",
    section="Water",
    keywords=("water", "farming"),
    edition="IVF12 – July 2025",
)

IN_ORDER = (
    "The orchards of Valmare will not wait for the courts",
    "Who may water what",
    "Harvest under guard",
    "What the neighbours do",
    "14 June 2025",
    "Translated by International Ferry from La Semaine des vergers.",
    "© International Ferry – All rights reserved",
)
"""Lines that readers find in this order on whatever site; what stands beside them is each site's own."""


def places(text: str) -> list[int]:
    """In which line of a page's text each of ``IN_ORDER`` stands, from the title on; -1 for one that is missing."""
    lines = [line.strip() for line in text.splitlines()]
    return [next((at for at, line in enumerate(lines) if wanted in line), -1) for wanted in IN_ORDER]
