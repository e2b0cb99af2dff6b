import pytest

from ivpipe.model.document import Block, BlockType, Document, Image, Note
from ivpipe.sources.pages import join_pages, next_page

URL = "https://revue.example/2025/la-filature"


def linked(href: str, text: str = "2", attributes: str = "", around: str = "page-links") -> str:
    return (
        f'<html><body><p>Texte.</p><div class="{around}"><a href="{href}" {attributes}>{text}</a></div></body></html>'
    )


@pytest.mark.parametrize(
    ("url", "href", "target"),
    [
        (URL, "/2025/la-filature/2", f"{URL}/2"),
        (URL + "/", "/2025/la-filature/2/", f"{URL}/2/"),
        (URL, "?page=2", f"{URL}?page=2"),
        (f"{URL}.html", "la-filature-page-2.html", f"{URL}-page-2.html"),
        (f"{URL}.html", "la-filature,2.html", f"{URL},2.html"),
        (f"{URL}-1", f"{URL}-1/2", f"{URL}-1/2"),
        (f"{URL}/1", f"{URL}/2", f"{URL}/2"),
        ("https://revue.example/?article12", "?article12&page=2", "https://revue.example/?article12&page=2"),
        ("https://revue.example/?article12", "?article13&page=2", None),
    ],
)
def test_next_page_is_the_same_address_with_the_next_number(url: str, href: str, target: str | None) -> None:
    assert next_page(linked(href), url) == target


def test_next_page_goes_on_from_a_later_page() -> None:
    assert next_page(linked(f"{URL}/3", "3"), f"{URL}/2", first=URL) == f"{URL}/3"
    assert next_page(linked(f"{URL}/2", "2"), f"{URL}/2", first=URL) is None


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="next" href="/2025/autre-article">',
        '<link rel="next" href="/2025/la-filature-2">',
        linked("/2025/la-filature/3", "3"),
        linked("https://autre.example/2025/la-filature/2"),
        linked("/2025/la-filature/2", "2", around="related"),
        linked("javascript:void(2)"),
    ],
)
def test_next_article_is_not_the_next_page(html: str) -> None:
    assert next_page(html, URL) is None


def test_rel_next_is_enough_where_the_address_agrees() -> None:
    assert next_page('<link rel="next" href="/2025/la-filature/2"><p>x</p>', URL) == f"{URL}/2"


def mark(label: str) -> str:
    return f'<sup class="note-ref" data-note="{label}">{label}</sup>'


def test_joined_pages_keep_every_block_note_and_picture_once() -> None:
    lead, other = Image("https://revue.example/a.jpg"), Image("https://revue.example/b.jpg", caption="Le quai")
    chapo = Block(BlockType.PARAGRAPH, "Répété en haut de chaque page.")
    one = Document(
        URL, "La filature", blocks=(chapo, Block(BlockType.PARAGRAPH, f"Un{mark('1')}")), notes=(Note("1", "Une."),),
        images=(lead,), lead_image=0, warnings=("w",),
    )  # fmt: skip
    two = Document(
        f"{URL}/2", "La filature (2)",
        blocks=(chapo, Block(BlockType.FIGURE, "Le quai", image=1), Block(BlockType.PARAGRAPH, f"Deux{mark('1')}{mark('2')}")),
        notes=(Note("1", "Autre."), Note("2", "Deux.")), images=(lead, other), lead_image=0, warnings=("w", "v"),
    )  # fmt: skip
    assert join_pages([one, two]) == Document(
        URL, "La filature",
        blocks=(
            chapo, Block(BlockType.PARAGRAPH, f"Un{mark('1')}"), Block(BlockType.FIGURE, "Le quai", image=1),
            Block(BlockType.PARAGRAPH, f"Deux{mark('1-2')}{mark('2')}"),
        ),
        notes=(Note("1", "Une."), Note("1-2", "Autre."), Note("2", "Deux.")),
        images=(lead, other), lead_image=0, warnings=("w", "v"),
    )  # fmt: skip
    assert join_pages([one]) == one
    with pytest.raises(ValueError, match="no pages"):
        join_pages([])
