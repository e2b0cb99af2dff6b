"""Parts of a page beside its paragraphs: pictures, standfirst, who is quoted, what stands under the article, metadata."""

import pytest

from ivpipe.model.document import Block, BlockType, Document, Image
from ivpipe.sources.extraction import extract
from ivpipe.sources.pictures import file_name
from ivpipe.sources.spec import Discovery, Fields, SourceSpec

URL = "https://revue.example/article"
TEXT = (
    "Les ouvrières de la filature ont occupé les ateliers pendant sept semaines, et personne, dans la vallée, ne l’a "
    "oublié ; leurs petites-filles le racontent encore, avec les chansons, les noms et les dates."
)
MORE = (
    "La direction proposait une prime, les grévistes voulaient des contrats. Le compromis, signé en mars, donnait un peu "
    "des deux, et l’usine ferma trois ans plus tard, comme celles d’à côté."
)
IMG = '<img src="/quai.jpg" width="900">'
CAPTION = "Le quai, en mars 1911."


def read(inside: str, head: str = "", above: str = "", below: str = "") -> Document:
    body = f"<main><article><h1>La filature</h1>{above}<div><p>{TEXT}</p>{inside}<p>{MORE}</p></div>{below}</article></main>"
    return extract(f'<html lang="fr"><head><title>La filature</title>{head}</head><body>{body}</body></html>', URL)


@pytest.mark.parametrize(
    "box",
    [
        f"<figure>{IMG}<figcaption>{CAPTION}</figcaption></figure>",
        f'<figure><picture><source srcset="/q.webp"><source>{IMG}</picture><figcaption>{CAPTION}</figcaption></figure>',
        f'<div class="image">{IMG}<p>{CAPTION}</p></div>',
        f'<div class="x1"><div>{IMG}</div><small>{CAPTION}</small></div>',
        f'<div><div>{IMG}</div><div class="legende">{CAPTION}</div></div>',
        f'<div>{IMG}</div><figcaption>{CAPTION}</figcaption>',
        f'<div class="widget slider"><figure>{IMG}<figcaption class="widget__text">{CAPTION}</figcaption></figure></div>',
        f'<button><figure>{IMG}</figure></button><figcaption>{CAPTION}</figcaption>',
        f'<figure><div aria-hidden="true">{IMG}</div><figcaption><h2>{CAPTION}</h2></figcaption></figure>',
        f'<div class="media"><div><figure>{IMG}</figure></div><p class="img-description">{CAPTION}</p></div>',
        f'<div class="x2"><figure><amp-img src="/quai.jpg"></amp-img></figure><figcaption>{CAPTION}</figcaption></div>',
        f'<figure><revue-image src="/quai.jpg"></revue-image><figcaption>{CAPTION}</figcaption></figure>',
        f'<figure><img src="data:,x" data-slider-lazyload="/quai.jpg"><figcaption>{CAPTION}</figcaption></figure>',
        f'<img src="/quai.jpg" data-caption="{CAPTION}">',
        f'<figure itemid="https://revue.example/quai.jpg"><figcaption>{CAPTION}</figcaption></figure>',
        f'<figure class="fig fig--has-shares"><div>{IMG}</div><span class="legende">{CAPTION}</span></figure>',
    ],
)  # fmt: skip
def test_picture_has_its_caption_in_whatever_markup(box: str) -> None:
    document = read(box)
    assert document.images == (Image("https://revue.example/quai.jpg", caption=CAPTION),)
    assert [block.html for block in document.blocks] == [TEXT, CAPTION, MORE]
    assert document.blocks[1].type is BlockType.FIGURE


def test_caption_keeps_its_markup() -> None:
    document = read(f'<div class="photo">{IMG}<br><em>Le quai, 1911, au petit matin.</em> Fonds Diop</div>')
    assert document.images[0].caption == "<em>Le quai, 1911, au petit matin.</em><br>Fonds Diop"


def test_paragraph_beside_a_picture_is_not_its_caption() -> None:
    document = read(f"<div>{IMG}<p>Un paragraphe du récit, court, qui suit l’image.</p></div>")
    assert [block.type for block in document.blocks] == [
        BlockType.PARAGRAPH, BlockType.FIGURE, BlockType.PARAGRAPH, BlockType.PARAGRAPH,
    ]  # fmt: skip


def test_picture_above_the_text_is_the_lead_with_its_caption() -> None:
    document = read("", above=f'<div class="media">{IMG}<span class="legende">{CAPTION}</span></div>')
    assert (document.lead_image, document.images) == (0, (Image("https://revue.example/quai.jpg", caption=CAPTION),))
    assert [block.html for block in document.blocks] == [TEXT, MORE]


def test_pictures_are_told_apart_by_what_names_them() -> None:
    names = {
        "https://i.example/media/05cb692c634cd90e/0_0_4800_3200/master/4800.jpg?width=300": "05cb692c634cd90e",
        "https://i.example/resize.php?src=https%3A%2F%2Frevue.example%2Fquai.jpg&w=90": "quai",
        "https://i.example/quai-1024x768.jpg.webp": "quai",
        "https://i.example/resize.php": "resize",
    }
    assert {src: file_name(src) for src in names} == names


def test_caption_is_not_said_again_below_its_picture() -> None:
    long = "Le quai, en mars 1911, le matin où les ourdisseuses ont arrêté les métiers."
    figure = f"<figure>{IMG}<figcaption>{long}</figcaption></figure>"
    document = read(f"{figure}<div><p>Légende</p><p>{long}</p></div><p>{MORE.upper()}</p><p>{long}</p>")
    assert [block.html for block in document.blocks] == [TEXT, long, "Légende", MORE.upper(), long, MORE]


def test_pictures_from_a_service_that_resizes_are_told_apart() -> None:
    shown = '<figure><img src="https://img.example/90/?url=https%3A%2F%2Frevue.example%2F{0}.jpg"><figcaption>{0}</figcaption></figure>'
    document = read("", above=shown.format("quai") + shown.format("usine"))
    assert [image.caption for image in document.images] == ["quai", "usine"]


def test_caption_of_the_text_is_read_alike_with_a_spec() -> None:
    spec = SourceSpec(
        slug="revue", name="Revue", url="https://revue.example/", languages=("fr",),
        discovery=Discovery(urls=("https://revue.example/feed",)), fields=Fields(body=("css:div.texte",)),
    )  # fmt: skip
    box = f'<div class="image">{IMG}<p>{CAPTION}</p></div>'
    above, inside = box.replace("/quai.", "/usine."), box
    teaser = box.replace("/quai.", "/autre.")
    html = (
        f'<html lang="fr"><body><div>{teaser}</div><article><h1>La filature</h1>{above}<div class="texte"><p>{TEXT}</p>'
        f"{inside}<p>{MORE}</p></div></article><div>{teaser}</div></body></html>"
    )
    document = extract(html, URL, spec=spec)
    assert [(image.src, image.caption) for image in document.images] == [
        ("https://revue.example/quai.jpg", CAPTION), ("https://revue.example/usine.jpg", CAPTION),
    ]  # fmt: skip
    assert [block.html for block in document.blocks] == [TEXT, CAPTION, MORE]


def test_who_is_quoted_is_an_attribution() -> None:
    wanted = [
        Block(BlockType.QUOTE, "On a tenu sept semaines.", quoted=True),
        Block(BlockType.QUOTE, "Fatou, ourdisseuse", joined=True, quoted=True, role="attribution"),
    ]
    inside = "<blockquote><p>On a tenu sept semaines.</p>{}</blockquote>"
    assert list(read(inside.format("<footer>Fatou, ourdisseuse</footer>")).blocks[1:3]) == wanted
    figure = f"<figure>{inside.format('')}<figcaption>Fatou, ourdisseuse</figcaption></figure>"
    assert list(read(figure).blocks[1:3]) == wanted
    cited = read(inside.format("<p><cite>Fatou, ourdisseuse</cite></p>")).blocks[2]
    assert (cited.html, cited.role) == ("<cite>Fatou, ourdisseuse</cite>", "attribution")


def test_caption_of_a_table_is_in_the_table() -> None:
    table = "<table><tr><th>An</th><th>Prix</th></tr><tr><td>1911</td><td>4</td></tr></table>"
    block = read(f'<figure class="wp-block-table">{table}<figcaption>Les prix</figcaption></figure>').blocks[1]
    assert block.html.startswith("<table><caption>Les prix</caption><tr>")


def test_standfirst_is_found_by_its_place() -> None:
    lead = "Une grève oubliée revient dans la mémoire de la vallée, cent ans après les faits."
    document = read("", above=f'<div class="x9"><div class="y2">{lead}</div></div><div><span>3 mars 2025</span></div>')
    assert (document.standfirst, [block.html for block in document.blocks]) == (lead, [TEXT, MORE])


@pytest.mark.parametrize(
    ("heading", "declared", "wanted"),
    [
        (
            "<h1><span class='kicker'>Lyon</span> La grève du quai</h1>",
            "Lyon : La grève du quai",
            ("", "Lyon : La grève du quai"),
        ),
        (
            "<h1><span class='kicker'>Lyon</span> La grève du quai</h1>",
            "La grève du quai",
            ("Lyon", "La grève du quai"),
        ),
        (
            "<h1><span class='x1'>Lyon</span><span> – </span><span class='x2'>La grève du quai</span></h1>",
            "La grève du quai",
            ("Lyon", "La grève du quai"),
        ),
        (
            "<h1><span class='kicker'>Lyon</span> La grève du quai</h1>",
            "Lyon : La grève du quai\"><meta name='twitter:title' content=\"La grève du quai",
            ("Lyon", "La grève du quai"),
        ),
        ("<h1>La <em>grève du quai</em></h1>", "La grève du quai", ("", "La grève du quai")),
        ("<h1>La grève <span class='kicker'>du quai</span></h1>", "La grève du quai", ("", "La grève du quai")),
        (
            "<nav><h1>Une longue grève</h1></nav><h2>La grève du quai, 1911</h2>",
            "La grève du quai, 1911",
            ("", "La grève du quai, 1911"),
        ),
    ],
)
def test_title_is_the_visible_one_without_the_line_above_it(
    heading: str, declared: str, wanted: tuple[str, str]
) -> None:
    head = f'<title>Revue</title><meta property="og:title" content="{declared}">'
    html = f"<html><head>{head}</head><body><article>{heading}<p>{TEXT}</p><p>{MORE}</p></article></body></html>"
    document = extract(html, URL)
    assert (document.kicker, document.title) == wanted
    assert [block.html for block in document.blocks] == [TEXT, MORE]


@pytest.mark.parametrize(
    "line",
    [
        "Par Léa Martin et Anouk Bréval, correspondantes à Lyon et à Saint-Étienne, avec Fatou Diop",
        "(Une photographie de Fatou Diop, 1911. Fonds Martin, avec l’Agence du quai, Lyon, album 3.)",
        "Publié à Lyon le 3 mars 2025, relu et corrigé à Saint-Étienne le 4 par la même rédaction.",
    ],
)
def test_who_wrote_it_or_when_is_no_standfirst(line: str) -> None:
    assert read("", above=f'<div class="x9"><div class="y2">{line}</div></div>').standfirst == ""


def test_caption_at_the_top_is_no_standfirst() -> None:
    line = "Une ouvrière devant la filature, un matin de mars 1911, avant que la grève ne commence."
    for names in ("box-caption", "x9"), ("x9", "img-caption"), ("lead-feature", "embed-caption"):
        assert read("", above='<div class="{}"><div class="{}">{}</div></div>'.format(*names, line)).standfirst == ""


def test_summary_of_another_article_below_is_no_standfirst() -> None:
    text = "".join(f"<div>{n}. {TEXT}</div>" for n in range(30))
    card = '<div class="card"><p class="description">Les chanteurs de la vallée, un siècle après la grève.</p></div>'
    assert extract(f"<article><h1>La filature</h1>{text}</article>{card}", URL).standfirst == ""


def test_postscript_of_spip_is_kept_with_its_role() -> None:
    head = '<meta name="generator" content="SPIP 4"><meta name="author" content="Léa Martin">'
    note = "Léa Martin est historienne ; elle a publié <em>Les Mains mouillées</em>."
    below = f'<footer><div class="ps article-ps-3"><h2>P.-S.</h2><p>{note}</p><p>Merci aux archives.</p></div></footer>'
    document = read("", head, below=below)
    assert [(block.html, block.role) for block in document.blocks[2:]] == [
        (note, "author_note"), ("Merci aux archives.", "postscript"),
    ]  # fmt: skip


def test_a_trail_is_known_by_its_id_and_keywords_by_what_their_links_are_for() -> None:
    above = '<ol id="page-breadcrumb"><li><a href="/">Accueil</a></li><li><a href="/h">Histoire</a></li></ol>'
    document = read(
        "", "", above, '<p><a rel="tag" href="/t/1">Grèves</a>, <a rel="tag nofollow" href="/t/2">Textile</a></p>'
    )
    assert (document.section, document.tags) == ("Histoire", ("Grèves", "Textile"))


def test_metadata_that_only_the_page_shows() -> None:
    head = '<meta name="DC.date" content="2025-03-01">'
    above = (
        '<p class="date"><time datetime="2025-03-01T09:00:00+01:00">1er mars 2025</time></p>'
        '<nav class="arbo"><a href="/">Accueil</a> &gt; <a href="/h">Histoire</a> &gt; <b>La filature</b></nav>'
    )
    document = read("", head, above, '<div class="mots"><ul><li>Grèves</li><li>Textile</li></ul></div>')
    assert (document.published, document.section, document.tags) == (
        "2025-03-01T09:00:00+01:00", "Histoire", ("Grèves", "Textile"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('{"@type":"Person","givenName":"Léa","familyName":"Martin"}', ("Léa Martin",)),
        ('[{"@type":"Person","name":"Léa Martin"},{"@type":"Organization","name":"AFP"}]', ("Léa Martin", "AFP")),
        ('{"@type":"Organization","name":"La Revue"}', ("La Revue",)),
        ('"Collectif Onze"', ("Collectif Onze",)),
    ],
)
def test_authors_are_people_or_the_body_that_signs(author: str, names: tuple[str, ...]) -> None:
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","author":{author}}}</script>'
    assert read("", head).authors == names


def test_link_whose_class_sounds_like_furniture_stays_in_its_sentence() -> None:
    document = read(
        '<p>Elle lut, ce soir-là, <a class="related" href="/x">le registre</a> jusqu’au bout, et se tut.</p>'
    )
    assert document.blocks[1].html == (
        'Elle lut, ce soir-là, <a href="https://revue.example/x">le registre</a> jusqu’au bout, et se tut.'
    )


def test_notice_in_the_place_of_an_embedded_post_goes() -> None:
    document = read("<p>Ce contenu est bloqué car vous n’avez pas accepté les traceurs.</p>")
    assert [block.html for block in document.blocks] == [TEXT, MORE]


def test_box_of_the_article_stays() -> None:
    box = "La filature ouvrit en 1874. Elle compta jusqu’à six cents ouvrières, venues de onze villages, et une crèche."
    document = read(f'<aside class="encadre"><p>{box}</p></aside><aside><p>{box}</p></aside>')
    assert [block.html for block in document.blocks] == [TEXT, box, MORE]
