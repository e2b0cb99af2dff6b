"""Habits of pages that hid parts of an article, or put the page's furniture into it."""

import pytest

from ivpipe.model.document import BlockType, Document
from ivpipe.sources.extraction import extract
from ivpipe.text.inline import inline_text

URL = "https://revue.example/article"
ONE = (
    "Le village avait deux fontaines, l’une pour les bêtes et l’autre pour les gens ; la commune les a murées toutes deux "
    "l’année où l’eau courante est arrivée, et personne n’a songé à garder les bassins."
)
TWO = (
    "Les archives de la préfecture donnent le prix des travaux, le nom de l’ingénieur et la liste des propriétaires qui "
    "refusaient de payer leur part. Elles ne disent rien des lavandières."
)


def read(inside: str, head: str = "", lang: str = "fr") -> Document:
    page = f'<html lang="{lang}"><head><title>Les fontaines</title>{head}</head><body>{inside}</body></html>'
    return extract(page, URL)


def article(inside: str, above: str = "") -> str:
    return f"<main><article><h1>Les fontaines</h1>{above}<div>{inside}</div></article></main>"


def texts(document: Document) -> list[str]:
    return [inline_text(block.html) for block in document.blocks]


def test_paragraphs_that_are_each_declared_the_body_are_read_together() -> None:
    one, two = (f'<p itemprop="articleBody">{text}</p>' for text in (ONE, TWO))
    assert texts(read(article(one + two))) == [ONE, TWO]


def test_link_that_begins_a_sentence_stays_whatever_it_is_called() -> None:
    inside = f'<p>{ONE}</p><p><a class="tag" href="/mot/eau">L’eau</a> manquait depuis trois étés, disait le maire.</p>'
    assert texts(read(article(inside)))[1] == "L’eau manquait depuis trois étés, disait le maire."


def test_furniture_is_known_though_its_name_is_written_with_underscores() -> None:
    box = '<div class="lire_aussi"><p>La source captée, une histoire longue, par la même autrice.</p></div>'
    assert texts(read(article(f"<p>{ONE}</p>{box}<p>{TWO}</p>"))) == [ONE, TWO]


def test_title_said_again_below_the_first_paragraphs_takes_none_of_them() -> None:
    inside = f"<p>{ONE} {TWO}</p><h2>Les fontaines</h2><p>{TWO}</p>"
    assert texts(read(article(inside))) == [f"{ONE} {TWO}", TWO]


@pytest.mark.parametrize(
    "line", ["By Léa Martin and Tom Roux / Fountain Review Staff Writers", "Par Tom Roux, à Brive"]
)
def test_byline_with_functions_is_not_the_first_paragraph(line: str) -> None:
    head = '<meta name="author" content="Léa Martin">'
    assert texts(read(article(f"<p>{line}</p><p>{ONE}</p><p>{TWO}</p>"), head)) == [ONE, TWO]


def test_number_is_no_author() -> None:
    assert read(article(f"<p>{ONE}</p><p>{TWO}</p>"), '<meta name="author" content="105092">').authors == ()


@pytest.mark.parametrize("name", ["doc_subheader", "art-synopsis"])
def test_standfirst_is_known_by_its_name(name: str) -> None:
    line = "Comment une commune a perdu ses bassins."
    document = read(article(f"<p>{ONE}</p><p>{TWO}</p>", above=f'<div class="{name}">{line}</div>'))
    assert (document.standfirst, texts(document)) == (line, [ONE, TWO])


def test_bold_line_alone_between_paragraphs_is_a_heading() -> None:
    inside = f"<p>{ONE}</p><p><strong>Le prix de l’eau</strong></p><p>{TWO}</p>"
    assert [(block.type, block.level) for block in read(article(inside)).blocks][1] == (BlockType.HEADING, 2)
    below = read(article(f"<p>{ONE}</p><h2>La suite</h2><p>{TWO}</p>{inside}"))
    assert [block.level for block in below.blocks if block.type is BlockType.HEADING] == [2, 3]


@pytest.mark.parametrize(
    "lines",
    [
        ["La commune ne voulait pas payer, c’était dit."],
        ["Léa Martin", "Tom Roux", "Léa Martin"],
        ["Qui a muré les bassins ?", "Et qui a payé ?"],
    ],
)
def test_bold_sentence_speaker_or_question_is_no_heading(lines: list[str]) -> None:
    inside = f"<p>{ONE}</p>" + "".join(f"<p><strong>{line}</strong></p><p>{TWO}</p>" for line in lines)
    blocks = read(article(inside)).blocks
    assert [block.type for block in blocks] == [BlockType.PARAGRAPH] * len(blocks)


def test_post_stays_though_its_subjects_are_among_its_names() -> None:
    inside = f'<div class="post post-12 type-post tag-publicite category-cookies hentry"><p>{ONE}</p><p>{TWO}</p></div>'
    beside = f'<div id="archive"><p>{ONE.upper()} {TWO.upper()} {ONE.upper()}</p></div>'
    assert ONE in texts(read(f"<h1>Les fontaines</h1>{inside}{beside}"))


@pytest.mark.parametrize(
    "box",
    [
        '<article><a href="/autre"><h3>Le lavoir d’à côté</h3></a></article>',
        '<p><b>Les også: <a href="/autre">Le lavoir d’à côté, une histoire</a></b></p>',
        '<p><b>También puede leer:</b> <a href="/autre">El lavadero de al lado</a></p>',
        '<div class="postmetadata"><p>Cet article a été publié le mardi, dans la rubrique des eaux et forêts.</p></div>',
        '<blockquote class="wp-embedded-content"><p><a href="/autre">Le lavoir d’à côté, une histoire</a></p></blockquote>',
        '<form id="commentform"><p>Votre adresse ne sera pas publiée. ' + 30 * "Restez courtois. " + "</p></form>",
    ],
)
def test_what_points_elsewhere_between_paragraphs_goes(box: str) -> None:
    assert texts(read(article(f"<p>{ONE}</p>{box}<p>{TWO}</p>"))) == [ONE, TWO]


def test_standfirst_is_found_where_the_box_of_the_title_is_named_after_a_caption() -> None:
    line = "Comment une commune de montagne a perdu les deux bassins qui la faisaient vivre."
    above = f'<div class="header hasCaption"><h1>Les fontaines</h1><h2 class="subtitle">{line}</h2></div>'
    assert read(f"<main>{above}<div><p>{ONE}</p><p>{TWO}</p></div></main>").standfirst == line


def test_what_lies_over_the_page_is_not_the_article() -> None:
    notice = f"<div><p>Votre navigateur est trop vieux pour cette page. {ONE.upper()}</p></div>"
    page = f"<div><h1>Les fontaines</h1><div><p>{ONE}</p><p>{TWO}</p></div></div>{notice}"
    assert texts(read(page)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("above", "below"),
    [("<p>Par Léa Martin, à Brive</p>", ""), ("", "<p><strong>Léa Martin</strong></p>"), ("", "<p>Par Léa Martin</p>")],
)
def test_who_signs_in_the_text_is_the_author_where_the_page_names_none(above: str, below: str) -> None:
    inside = f"<h2>Le cahier des eaux</h2>{above}<p>{ONE}</p><p>{TWO}</p>{below}"
    assert read(article(inside), '<meta name="author" content="fontaine">').authors == ("Léa Martin",)
    assert read(article(inside), '<meta name="author" content="Tom Roux">').authors == ("Tom Roux",)


def test_site_that_names_itself_the_author_gives_way_to_the_byline() -> None:
    head = '<title>Les fontaines :: Cahiers de vallée</title><meta name="author" content="Cahiers de vallée">'
    for line, author in (('<p class="author">Léa Martin</p>', "Léa Martin"), ("", "Cahiers de vallée")):
        page = f"<head>{head}</head><body>{article(f'<p>{ONE}</p><p>{TWO}</p>', line)}</body>"
        assert extract(page, URL).authors == (author,)


@pytest.mark.parametrize("line", ["<strong>À suivre</strong>", "<em>Le lavoir du bas</em>", "Un soir de Mai"])
def test_last_line_is_not_always_a_name(line: str) -> None:
    assert read(article(f"<p>{ONE}</p><p>{TWO}</p><p>{line}</p>")).authors == ()


@pytest.mark.parametrize(
    "line", ["Noch keine Kommentare", "12 commentaires", "Laissez un commentaire", "No comments yet"]
)
def test_line_about_comments_goes(line: str) -> None:
    assert texts(read(article(f"<p>{ONE}</p><p>{TWO}</p><p>{line}</p>"))) == [ONE, TWO]
    assert texts(read(article(f"<p>{ONE}</p><p>“No comment.”</p><p>{TWO}</p>")))[1] == "“No comment.”"


def test_caption_of_a_film_that_only_scripts_show_is_no_paragraph() -> None:
    box = "<figure><div></div><figcaption>La source filmée en mars. Film : Tom Roux</figcaption></figure>"
    assert texts(read(article(f"<p>{ONE}</p>{box}<p>{TWO}</p>"))) == [ONE, TWO]
    quoted = "<figure><p>L’eau est à qui la boit.</p><figcaption>Une lavandière</figcaption></figure>"
    assert "Une lavandière" in texts(read(article(f"<p>{ONE}</p>{quoted}<p>{TWO}</p>")))


def test_text_that_comes_in_slides_is_not_the_caption_of_its_pictures() -> None:
    slide = '<div class="slide"><figure><img src="/{0}.jpg"></figure><div class="entry-content"><p>{1}</p></div></div>'
    document = read(article(slide.format("un", ONE) + slide.format("deux", TWO)))
    assert [text for text in texts(document) if text] == [ONE, TWO]
    assert not any(image.caption for image in document.images)


LEAD = "Les deux bassins du village ont été murés dans l’indifférence, l’année où l’eau courante est arrivée."
DESCRIBED = f'<meta name="description" content="{LEAD}">'


@pytest.mark.parametrize(
    ("head", "above"),
    [
        (
            f'<meta name="description" content="{LEAD} - La Revue des eaux">',
            f"<ul><li>Eau</li><li>Histoire</li></ul><h4>{LEAD}</h4><p>Brive</p><p>2026</p>",
        ),
        (
            DESCRIBED,
            f"<p>Par Léa Martin, à Brive-la-Gaillarde</p><p>Lecture : 12 minutes, écoute : 20</p><p>{LEAD}</p>",
        ),
        (DESCRIBED, f"<p>Notre appli aide à économiser l’eau chaque jour : dix litres offerts !</p><div>{LEAD}</div>"),
    ],
)
def test_standfirst_is_what_the_page_says_of_itself(head: str, above: str) -> None:
    assert read(article(f"<p>{ONE}</p><p>{TWO}</p>", above=f"<div>{above}</div>"), head).standfirst == LEAD


def test_line_by_its_name_is_the_standfirst_rather_than_a_described_paragraph() -> None:
    line = "Une commune de montagne et ses deux bassins"
    inside = article(f"<p>{LEAD}</p><p>{ONE}</p><p>{TWO}</p>", above=f'<div class="deck">{line}</div>')
    assert read(inside, DESCRIBED).standfirst == line


def test_heading_that_says_the_title_in_other_words_is_the_title_s() -> None:
    head = '<meta property="og:title" content="Comment les deux fontaines de la commune furent murées">' + DESCRIBED
    menu = "<h1>La Revue des eaux et des forêts</h1>" + "".join(
        f"<p>Rubrique numéro {at}, à lire.</p>" for at in range(15)
    )
    page = f"{menu}<h1>Les deux fontaines furent murées</h1><div>{LEAD}</div><div><p>{ONE}</p><p>{TWO}</p></div>"
    assert read(page, head).standfirst == LEAD


def test_first_paragraph_with_a_picture_in_it_is_no_standfirst() -> None:
    document = read(article(f'<p><img src="/eau.jpg">{LEAD}</p><div><p>{ONE}</p><p>{TWO}</p></div>'), DESCRIBED)
    assert (document.standfirst, document.images[0].src) == ("", "https://revue.example/eau.jpg")


def test_aside_longer_than_a_short_article_goes() -> None:
    short = "La fontaine du haut coule de nouveau depuis mardi, après onze ans. La commune en a fêté le retour sur la place."
    aside = f"<aside><p>Vous voulez agir ? {TWO}</p></aside>"
    assert texts(read(f"<main><h1>Les fontaines</h1><p>{short}</p>{aside}</main>")) == [short]


@pytest.mark.parametrize(
    "box",
    [
        "<p>Crédits photos : Tom Roux</p>",
        "<p>Wir respektieren deine Privatsphäre und zeigen den Film erst, wenn du ja sagst.</p>",
        '<p>Weitere aktuelle Themen: <a href="/lavoir">Das Waschhaus</a></p>',
        '<div class="entry-author"><p>Léa Martin arbeitet seit langem über das Wasser der Berge.</p></div>',
        '<section class="editorial-disclosure"><p>Für Käufe über diese Seite bekommen wir etwas, danke.</p></section>',
    ],
)
def test_credits_notices_and_boxes_between_paragraphs_go(box: str) -> None:
    assert texts(read(article(f"<p>{ONE}</p>{box}<p>{TWO}</p>"), lang="de")) == [ONE, TWO]


def test_paragraphs_with_a_bullet_are_a_list() -> None:
    items = "".join(
        f'<p class="MsoListParagraph"><span>·<span>&nbsp;&nbsp;&nbsp; </span>{text}</span></p>'
        for text in ("un lavoir ;", "deux <b>bassins</b>.")
    )
    blocks = read(article(f"<p>{ONE}</p>{items}<p>{TWO}</p><p>• {ONE}</p>")).blocks
    assert [(block.type, block.html, block.joined) for block in blocks[1:3]] == [
        (BlockType.LIST_ITEM, "un lavoir ;", False),
        (BlockType.LIST_ITEM, "deux <strong>bassins</strong>.", True),
    ]
    assert [block.type for block in blocks[3:]] == [BlockType.PARAGRAPH] * 2
    law = ["§ 1 Les fontaines sont à la commune.", "§ 2 Le bétail y boit le soir."]
    assert texts(read(article(f"<p>{ONE}</p><p>{law[0]}</p><p>{law[1]}</p><p>{TWO}</p>")))[1:3] == law


def test_pictogram_that_decorates_a_box_is_no_paragraph() -> None:
    assert texts(read(article(f"<p>{ONE}</p><div><div>💡</div><div>{TWO}</div></div><p>* * *</p><p>{ONE}</p>"))) == [
        ONE,
        TWO,
        "* * *",
        ONE,
    ]


def test_date_above_the_text_of_a_page_without_headings() -> None:
    above = '<center><font size="6"><b>Les fontaines</b></font></center><p align="right"><font>Publié le 2 mai 2024</font></p>'
    page = (
        f"<table><tr><td>{above}<font><p>{ONE}</p><p>{TWO} Le 3 juin 1911, tout fut muré.</p></font></td></tr></table>"
    )
    assert read(page).published == "2024-05-02"
    assert read(page.replace("Publié le 2 mai 2024", "")).published == ""
