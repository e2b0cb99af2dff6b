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
        f"<table><tbody><tr><td>{IMG}</td></tr><tr><td>{CAPTION}</td></tr></tbody></table>",
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


@pytest.mark.parametrize(
    "box",
    [
        "<div>{}<p>{}</p></div>",
        '<div class="media-text"><figure class="media-text__x">{}</figure><div class="media-text__y"><p>{}</p></div></div>',
        "<table><tr><td>{}</td></tr><tr><td>{}</td></tr><tr><td>Fin.</td></tr></table>",
        "<table><tr><td>{}</td><td>{}</td></tr></table>",
    ],
)
def test_paragraph_beside_a_picture_is_not_its_caption(box: str) -> None:
    document = read(box.format(IMG, "Un paragraphe du récit, court, qui suit l’image."))
    assert [block.type for block in document.blocks][:3] == [BlockType.PARAGRAPH, BlockType.FIGURE, BlockType.PARAGRAPH]
    assert document.images[0].caption == ""


def test_picture_in_a_sentence_and_what_is_said_instead_of_it_do_not_part_it() -> None:
    said = '<span style="display: none"><math><mi>a</mi><mo>+</mo><mi>b</mi></math></span>'
    document = read(
        f'<ul><li>La somme <span>{said}<img src="/somme.svg" alt="a+b"></span> des deux salaires.</li></ul>'
    )
    assert document.blocks[1].html == "La somme des deux salaires."
    assert document.images == (Image("https://revue.example/somme.svg", alt="a+b"),)


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
        (
            "<h1><span class='kicker'>Lyon</span> La grève du quai, 1911</h1>",
            "Histoire ouvrière : La grève du quai, 1911",
            ("Lyon", "La grève du quai, 1911"),
        ),
        (
            "<div class='x1'>Histoire ouvrière :</div><h1>La grève du quai</h1>",
            "Histoire ouvrière : La grève du quai",
            ("Histoire ouvrière", "La grève du quai"),
        ),
        (
            "<div class='x1'>Quinzaine</div><h1>La grève du quai</h1>",
            "Quinzaine | La grève du quai\"><meta property='og:site_name' content=\"Quinzaine",
            ("", "La grève du quai"),
        ),
        ("<h4 class='x3'>Lyon</h4><h1>La grève du quai</h1>", "La grève du quai", ("Lyon", "La grève du quai")),
        ("<h1>La <em>grève du quai</em></h1>", "La grève du quai", ("", "La grève du quai")),
        ("<h1>La grève <span class='kicker'>du quai</span></h1>", "La grève du quai", ("", "La grève du quai")),
        (
            "<h1>Revue</h1><h2>La grève du quai</h2>",
            "La grève du quai\"><meta property='og:site_name' content=\"Revue",
            ("", "La grève du quai"),
        ),
        (
            "<h1>La grève du quai | Revue</h1>",
            "La grève du quai\"><meta property='og:site_name' content=\"Revue",
            ("", "La grève du quai"),
        ),
        (
            "<div></div>",
            "La grève du quai | Revue - Histoire du travail\"><meta property='og:site_name' content=\""
            "Revue - Histoire du travail",
            ("", "La grève du quai"),
        ),
        (
            "<h1>Actualités</h1><h1>La grève du quai</h1>",
            "La grève du quai\"><meta name='twitter:title' content='Actualités'><meta name='dc.title' content='x'>"
            '<script type=\'application/ld+json\'>{"@type":"Article","headline":"La grève du quai"}</script><meta a="',
            ("", "La grève du quai"),
        ),
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


def test_first_paragraph_under_a_heading_is_no_standfirst() -> None:
    first, second = (
        f"<section><header><h2>Partie {n}</h2></header><p>{text}</p></section>" for n, text in enumerate((TEXT, MORE))
    )
    document = extract(f"<main><header><h1>La filature</h1></header>{first}<div>{second}</div></main>", URL)
    assert [document.standfirst, *(block.html for block in document.blocks)] == ["", "Partie 0", TEXT, "Partie 1", MORE]


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


def test_who_wrote_it_is_kept_from_the_box_that_shows_the_author() -> None:
    head = '<meta name="author" content="Léa Martin">'
    bio = "Léa Martin enseigne l’histoire du travail à Lyon ; elle a publié <em>Les Mains mouillées</em>."
    box = (
        '<div class="author-box"><h4>À propos de l’autrice</h4><img src="/lea.jpg" alt=""><a href="/lea">Léa Martin</a>'
        '{}<p>Léa Martin a écrit aussi : La crue</p><p><a href="/lea">Tous ses articles</a></p></div>'
    )
    below = box.format(f"<p>{bio}</p>") + '<div class="about-author"><p>Jean Roux enseigne la chimie à Dijon.</p></div>'
    for document in (
        read("", head, below=below),
        read("", head, above=f'<div class="tooltip author-bio">{bio}</div>'),
        read(box.format(f"<p>{bio}</p>") * 2, head),
    ):
        assert [(block.html, block.role) for block in document.blocks[2:]] == [(bio, "author_note")]
    for title, name in (("Dr. ", "Léa Martin"), ("", "Sandra Prévost")):  # in whose name a "Dr" and a "Pr" stand
        below = box.format(f"<div>{title}{name} enseigne à Lyon et à Turin.</div>")
        assert read("", f'<meta name="author" content="{name}">', below=below).blocks[2].role == "author_note"


def test_what_is_said_of_the_author_below_the_article_is_kept() -> None:
    head = '<meta name="author" content="Léa Martin">'
    note = "Léa Martin enseigne l’histoire ; on lit ses <em>Mains mouillées</em> à Lyon. Elle tisse."
    below = f"<div><p>{note}</p><p>Imprimé en page 3.</p></div><div>Léa Martin, 3 mars 2025 à 9.30</div>"
    blocks = read(f"<p>{TEXT}</p>" * 4, head, below=below).blocks
    assert [(block.html, block.role) for block in blocks[6:]] == [(note, "author_note")]


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
    ("below", "wanted"),
    [
        ("<div>Par Léa Martin</div><div>3 mars 2025</div>", (("Léa Martin",), "2025-03-03")),
        ("<p><span>Posted on March 3, 2025 by Léa Martin</span></p>", (("Léa Martin",), "2025-03-03")),
        (
            "<div>3. März 2025, von <a href='/lea'>Léa Martin</a> und Tom Roux</div>",
            (("Léa Martin", "Tom Roux"), "2025-03-03"),
        ),
        ("<div>Mis à jour le 9 mars 2025<p>Publié à Lyon, 3 mars 2025</p></div>", ((), "2025-03-03")),
        ("<div><em>Mardi 3 mars 2025</em><p></p></div>", ((), "2025-03-03")),
        (
            f"<div><p>{TEXT}</p></div><div><div class='submitted'>le 3 mars 2025 - 18:55</div></div>",
            ((), "2025-03-03T18:55:00"),
        ),
        ("<div>Une histoire de la grève par Léa</div><div>Mars 1911</div>", ((), "")),
        ("<nav>Par Léa Martin, 3 mars 2025</nav><footer>Par Léa Martin, 3 mars 2025</footer>", ((), "")),
        (f"<p>{TEXT} {MORE}</p><div><div>3 mars 2025</div></div>", ((), "")),
    ],
)
def test_byline_and_date_are_read_from_the_lines_around_the_title(
    below: str, wanted: tuple[tuple[str, ...], str]
) -> None:
    html = (
        f"<html lang='fr'><body><article><h1>La filature</h1>{below}<p>{TEXT}</p><p>{MORE}</p></article></body></html>"
    )
    document = extract(html, URL)
    assert (document.authors, document.published) == wanted


def test_title_in_a_part_of_the_page_called_after_its_breadcrumbs() -> None:
    trail = '<ul class="breadcrumb"><li><a href="/">Accueil</a></li></ul>'
    head = f'<div class="intro intro--breadcrumbs">{trail}<h1>La filature</h1><p>3 mars 2025</p><p>{MORE}</p></div>'
    document = extract(f"<html lang='fr'><body>{head}<article><p>{TEXT}</p><p>{TEXT}</p></article></body></html>", URL)
    assert (document.title, document.published) == ("La filature", "2025-03-03")


def test_date_in_the_address() -> None:
    page = f"<article><h1>La filature</h1><p>{TEXT}</p><p>{MORE}</p></article>"
    assert extract(page, "https://revue.example/2025/03/01/la-filature").published == "2025-03-01"
    assert extract(page, "https://revue.example/2025/13/71/la-filature").published == ""


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


@pytest.mark.parametrize(
    "asked",
    [
        '<h3><button aria-expanded="false" aria-controls="a1">{}</button></h3><div id="a1" hidden><p>{}</p></div>',
        '<h3><button aria-expanded="false">{}</button></h3><div style="display: none"><p>{}</p></div>',
        '<div><h3><span role="button" aria-controls="a1">{}</span></h3></div><div id="a1" aria-hidden="true"><p>{}</p></div>',
    ],
)
def test_section_that_opens_where_its_heading_is_pressed_is_read(asked: str) -> None:
    said = "La filature ouvrit en 1874, et compta jusqu’à six cents ouvrières, venues de onze villages."
    blocks = read(asked.format("Quand ouvrit-elle ?", said)).blocks
    assert [(block.type, block.html) for block in blocks[1:-1]] == [
        (BlockType.HEADING, "Quand ouvrit-elle ?"), (BlockType.PARAGRAPH, said),
    ]  # fmt: skip


def test_sign_that_links_to_a_heading_is_not_said_in_it() -> None:
    sign = '<a class="x" href="#f">¶</a>'
    body = f"<p>{TEXT}</p><h2>La grève{sign}</h2><p>{MORE}</p><dl><dt>Trame{sign}</dt></dl>"
    document = extract(f"<main><h1>La filature{sign}</h1>{body}</main>", URL)
    assert [document.title, *(block.html for block in document.blocks)] == [
        "La filature",
        TEXT,
        "La grève",
        MORE,
        "Trame",
    ]


def test_parts_of_the_article_that_are_called_widgets_stay_however_unequal() -> None:
    short, long = [TEXT, MORE, f"1. {TEXT}"], [f"{n}. {MORE} {TEXT}" for n in range(5)]
    first, second = (
        f'<div class="widget text">{"".join(f"<p>{one}</p>" for one in part)}</div>' for part in (short, long)
    )
    document = extract(f"<div><h1>La filature</h1><div>{first}<p>Lyon</p>{second}</div></div>", URL)
    assert [block.html for block in document.blocks] == [*short, "Lyon", *long]


def test_title_in_a_link_that_leads_to_itself_stays() -> None:
    page = f'<h3><a href="#"><h1></h1></a></h3><div><p>{TEXT}</p><p>{MORE}</p></div>'
    assert len(extract(f"<html><title>La filature</title><body>{page}</body></html>", URL).blocks) == 2


def test_box_of_the_article_stays() -> None:
    box = "La filature ouvrit en 1874. Elle compta jusqu’à six cents ouvrières, venues de onze villages, et une crèche."
    for tag in "aside", "div role='complementary'":
        document = read(f'<{tag} class="encadre"><p>{box}</p></{tag.split()[0]}><{tag}><p>{box}</p></{tag.split()[0]}>')
        assert [block.html for block in document.blocks] == [TEXT, box, MORE], tag
