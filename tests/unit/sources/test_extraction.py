import pytest

from ivpipe.errors import ExtractionError
from ivpipe.model.document import BlockType
from ivpipe.sources.bylines import clean_authors
from ivpipe.sources.charset import decode_page
from ivpipe.sources.dates import iso_date
from ivpipe.sources.extraction import VERSION, extract
from ivpipe.sources.notes import strip_label
from ivpipe.sources.parsing import clean_source
from ivpipe.sources.selectors import check_element_rule, check_rule
from ivpipe.sources.spec import Discovery, Fields, SourceSpec
from ivpipe.text.inline import inline_text

URL = "https://revue.example/article"
TEXT = (
    "Les ouvrières de la filature ont occupé les ateliers pendant sept semaines, et personne, dans la vallée, ne l’a "
    "oublié ; leurs petites-filles le racontent encore, avec les chansons, les noms et les dates."
)
MORE = (
    "La direction proposait une prime, les grévistes voulaient des contrats. Le compromis, signé en mars, donnait un peu "
    "des deux, et l’usine ferma trois ans plus tard, comme celles d’à côté."
)


def page(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="fr"><head><title>La filature</title>{head}</head><body>{body}</body></html>'


def article(inside: str, around: str = "") -> str:
    return page(f"<main><article><h1>La filature</h1><p>{TEXT}</p>{inside}<p>{MORE}</p></article></main>{around}")


def ending(inside: str) -> str:
    return page(f"<main><article><h1>La filature</h1><p>{TEXT}</p><p>{MORE}</p>{inside}</article></main>")


def spec(**fields: tuple[str, ...]) -> SourceSpec:
    return SourceSpec(
        slug="revue",
        name="Revue",
        url="https://revue.example/",
        languages=("fr",),
        discovery=Discovery(urls=("https://revue.example/feed",)),
        fields=Fields(**fields),
    )


def texts(html: str | bytes, **arguments: object) -> list[str]:
    return [inline_text(block.html) for block in extract(html, URL, **arguments).blocks]  # type: ignore[arg-type]


def test_what_is_not_the_article_goes() -> None:
    furniture = [
        '<nav><a href="/">Accueil</a></nav>',
        '<div class="share-bar"><p>Partager sur les réseaux, par courrier, et partout ailleurs.</p></div>',
        '<p>Lire aussi : <a href="/x">Les nuits du quai</a></p>',
        '<div class="newsletter"><p>Recevez notre lettre chaque semaine, c’est gratuit et sans engagement.</p></div>',
        '<p>Faites un don : <a href="/don">soutenez la revue</a> aujourd’hui</p>',
        '<figure><img src="/n.jpg"><p>Inscrivez-vous <a href="/n">à notre lettre</a></p></figure>',
        "<aside><p>Un autre article, sur un autre sujet, que personne ici n’a demandé.</p></aside>",
        '<div style="position:absolute; left:-9999px"><p>Des montres de luxe, livrées demain, à moitié prix.</p></div>',
        '<div id="cookie-banner"><p>Nous utilisons des cookies, et vous demandons votre accord.</p></div>',
    ]
    for piece in furniture:
        assert texts(article(piece)) == [TEXT, MORE], piece


def test_comments_are_not_the_article_even_when_longer() -> None:
    comments = '<section id="comments">' + f"<p>{MORE} Merci !</p>" * 3 + "</section>"
    assert texts(article("", comments)) == [TEXT, MORE]


def test_paragraphs_whose_class_sounds_like_furniture_stay() -> None:
    wanted = [f"{text} Et de {number}." for number, text in enumerate([TEXT, MORE] * 5)]
    for name in ("print:hidden", "no-tts", "share-text"):
        body = "".join(f'<div class="{name}"><p>{text}</p></div>' for text in wanted)
        assert texts(page(f"<h1>La filature</h1><div>{body}</div>")) == wanted, name


def test_long_furniture_beside_a_short_article_goes() -> None:
    other = "".join(
        f"<h3>Titre {n}</h3><p>{n}. Un autre article, dont la rubrique ne donne ici que le début.</p>"
        for n in range(20)
    )
    for around in (
        f'<div class="related-posts">{other}</div>',
        f'<div id="cookie-settings"><h2>Vos choix</h2>{other}</div>',
        f"<aside>{other}</aside>",
        f"<div><div><ul>{other}</ul></div></div>",  # no name, but outside the article that bears the title
        f'<div style="display:none"><h1>La filature</h1><p>2025-03-01</p><p>{TEXT}</p><p>{MORE}</p></div>' * 2,
    ):
        assert texts(article(f"<p>{TEXT.upper()}</p>", around)) == [TEXT, TEXT.upper(), MORE], around


def test_copy_of_the_article_that_nobody_sees_is_not_read() -> None:
    seen = "".join(f"<li>{text} <b>Et de {n}.</b></li>" for n, text in enumerate([TEXT, MORE] * 3))
    unseen = "".join(f"{text} Et de {n}. " for n, text in enumerate([TEXT, MORE] * 3))
    html = page(
        f'<div style="display:none"><h1>La filature</h1>{unseen[99:]}</div><div><h1>La filature</h1><ul>{seen}</ul></div>'
    )
    assert texts(html)[0] == f"{TEXT} Et de 0."


def test_word_in_a_sentence_stays_whatever_its_link_is_called() -> None:
    for sentence in (
        "Une <a class='popup' href='/g'>grève</a> oubliée.",
        "« <i>Une <a class='popup'>grève</a></i> oubliée »",
    ):
        assert "grève" in texts(article(f"<p>{sentence}</p>"))[1]


def test_embedded_post_stays_in_a_box_named_after_its_network() -> None:
    post = f"<blockquote><p>{TEXT.upper()}</p>— Léa Martin (@lea), 3 mars 2025</blockquote>"
    story = f"<p>{TEXT} {MORE}</p>" * 6
    kept = [texts(article(f'{story}<div class="{name}">{inside}</div>'))[7:-1] for name, inside in (
        ("social-media-embed", post), ("related", f"<p>{MORE.lower()}</p>{post}"),
    )]  # fmt: skip
    assert kept == [[TEXT.upper(), "— Léa Martin (@lea), 3 mars 2025"], []]


def test_article_that_bears_the_title_is_read_though_others_are_longer() -> None:
    others = "".join(f"<article><h2>Titre {n}</h2><p>{n}. {MORE} {TEXT.swapcase()}</p></article>" for n in range(5))
    own = f"<article><h1>La filature</h1><p>{TEXT}</p><p>{MORE}</p><p>{TEXT.upper()}</p></article>"
    assert texts(page(f"<div>{own}<article>{others}</article></div>")) == [TEXT, MORE, TEXT.upper()]


def test_article_stays_though_its_element_is_named_like_furniture() -> None:
    begins = [TEXT, MORE, TEXT.swapcase()]
    for name in ("paywall", "widget", "popup", "related"):
        goes_on = f'<div class="{name}">{f"<p>{TEXT.upper()}</p>" * 9}</div>'
        html = page(f"<h1>La filature</h1>{''.join(f'<p>{text}</p>' for text in begins)}{goes_on}")
        assert texts(html) == begins + [TEXT.upper()] * (9 if name == "paywall" else 0), name
        assert texts(page(f"<h1>La filature</h1>{goes_on}")) == [TEXT.upper()] * 9, name


def test_article_each_of_whose_paragraphs_is_declared_its_body_is_read_whole() -> None:
    declared = [TEXT, MORE, f"{TEXT} {MORE}"]
    body = "".join(f'<p itemprop="articleBody">{text}</p>' for text in declared)
    assert (
        texts(page(f"<h1>La filature</h1><div>{body}</div><div><p>Un autre article, dont voici le début.</p></div>"))
        == declared
    )


def test_list_stays_whose_class_the_paragraphs_around_it_bear() -> None:
    listed = "<ul class='paywall'><li>Laine : <b>deux tonnes</b></li><li>Coton : <b>une tonne</b></li></ul>"
    begins = f"<p>{TEXT}</p>" + f"<p class='paywall'>{TEXT.upper()}</p>" * 3
    assert "Laine : deux tonnes" in texts(
        page(f"<h1>La filature</h1><div>{begins}{listed}<p class='paywall'>{MORE}</p></div>")
    )


def test_list_of_sources_stays_where_one_of_other_articles_goes() -> None:
    def links(address: str) -> str:
        return "<ul>" + "".join(f'<li><a href="{address}{n}">Titre {n}</a></li>' for n in "abc") + "</ul>"

    sources, others = links("https://archives.example.org/"), links("https://www.revue.example/")
    shared = links("https://facebook.com/sharer?u=")
    for last in ("", f"<p>{MORE.upper()}</p>"):
        html = page(f"<main><article><h1>La filature</h1><p>{TEXT}</p>{others}{shared}{sources}{last}</article></main>")
        assert texts(html)[:4] == [TEXT, "Titre a", "Titre b", "Titre c"]
        assert texts(html)[4:] == [MORE.upper()] * bool(last)
    assert texts(article("<div><a href='/registre.pdf'>Le registre</a></div>")) == [TEXT, "Le registre", MORE]


def test_list_of_other_articles_stays_that_a_sentence_announces() -> None:
    links = "<ul><li><a href='/autre'>Une autre grève</a></li><li><a href='/bis'>La même</a></li></ul>"
    said = "De ce que nous avons publié sur les grèves de la vallée, on lira avec profit deux enquêtes :"
    assert texts(article(f"<p>{said}</p>{links}")) == [TEXT, said, "Une autre grève", "La même", MORE]
    for other in ("À lire aussi, sur les grèves de la vallée, deux enquêtes de cette revue :", f"{TEXT}"):
        assert "La même" not in texts(article(f"<p>{other}</p>{links}"))


def test_table_stays_that_says_something_of_pages_it_links_to() -> None:
    def table(said: str) -> str:
        rows = "".join(f"<tr><td><a href='/{n}'>Filature {n}</a></td><td>{said.format(n)}</td></tr>" for n in "abc")
        return f"<div class='x2'><table>{rows}</table></div>"

    kept = [
        any(block.type is BlockType.TABLE for block in extract(article(table(said)), URL).blocks)
        for said in ("300", "<a href='/{0}{0}'>Teinturerie {0}</a>")
    ]
    assert kept == [True, False]


def test_links_to_other_articles_between_paragraphs_go() -> None:
    links = (
        "<p><a href='/autre'>Une autre grève oubliée</a></p><p><a href='/bis'>La même, ailleurs, la même année</a></p>"
    )
    assert texts(article(links)) == [TEXT, MORE]
    for kept in (
        "<p><a href='/appel.pdf'>Le texte de l’appel à la grève</a></p>",
        "<p><a href='https://archives.example.org/a'>Le registre des archives</a></p>",
        "<p><a href='mailto:a@revue.example'>Écrire à la rédaction</a></p>",
        "<p>Voir <a href='/autre'>une autre grève oubliée</a></p>",
    ):
        assert len(texts(article(kept, "<nav><a href='/'>Revue</a> <a href='/n'>Numéros</a></nav>" * 2))) == 3, kept
    alone = "".join(f"<p><a href='/{n}'>Une grève oubliée, chapitre {n}</a></p>" for n in range(5))
    assert len(texts(article(f"<h2>Sommaire</h2>{alone}<h2>Ensuite</h2>"))) == 9


def test_list_of_sections_is_no_list() -> None:
    items = "".join(f"<li><h3>Partie {n}</h3><p>{TEXT[n:]}</p></li>" for n in range(3))
    blocks = extract(article(f"<ul>{items}</ul><ol><li>Un point.</li></ol>"), URL).blocks[1:-1]
    assert [block.type for block in blocks] == [BlockType.HEADING, BlockType.PARAGRAPH] * 3 + [BlockType.LIST_ITEM]


def test_headings_that_lead_to_the_contents_stay_without_their_signs() -> None:
    heading = '<h{0}><a class="toc-backref" href="#c1">La grève</a><a class="headerlink" href="#g">¶</a></h{0}>'
    assert texts(article(heading.format(2))) == [TEXT, "La grève", MORE]
    assert texts(article('<h2><span id="Promotions_et_abonnements">Promotions et abonnements</span></h2>'))[1:-1]
    assert texts(page(f"<div>{heading.format(1)}<p>{TEXT}</p><p>{MORE}</p></div>")) == ["La grève", TEXT, MORE]


def test_article_in_several_parts_is_read_whole() -> None:
    parts = [
        f'<div class="part"><h2>Partie {n}</h2>{f"<p>{TEXT} {n}</p>" * (1 + 8 * (n == 1))}</div>' for n in range(3)
    ]
    html = page(f"<h1>La filature</h1><div>{'<div>Publicité</div>'.join(parts)}</div>")
    assert [text for text in texts(html) if text.startswith("Partie")] == ["Partie 0", "Partie 1", "Partie 2"]


def test_article_begins_above_its_heaviest_part() -> None:
    wanted = [f"{TEXT} {MORE}", TEXT.upper(), *(f"{n}. {text}" for n in range(9) for text in (TEXT, MORE))]
    paragraphs = [f"<p>{text}</p>" for text in wanted]
    parts = f"<div>{''.join(paragraphs[:2])}</div><div>{''.join(paragraphs[2:])}</div>"
    assert texts(page(f"<h1>La filature</h1><div>{parts}</div>")) == wanted


def test_links_stay_where_a_list_or_a_table_says_of_what_they_are() -> None:
    links = '<ul><li><a href="/lyon">Lyon</a></li><li><a href="/vienne">Vienne</a></li></ul>'
    assert texts(article(links)) == [TEXT, MORE]
    assert texts(article(f"<ul><li>En grève :{links}</li></ul>"))[1:-1] == ["En grève :", "Lyon", "Vienne"]
    table = f"<table><tr><th>En grève</th><td><div>{links}</div></td></tr></table>"
    assert "/lyon" in extract(article(table), URL).blocks[1].html


@pytest.mark.parametrize(
    "heard", ["(opens in a new tab)", "(öffnet im neuen Fenster)", "nouvelle fenêtre", "(se abre en una ventana nueva)"]
)
def test_what_only_screen_readers_say_of_a_link_goes(heard: str) -> None:
    link = f'<a href="https://archives.example.org/">les registres<span>{heard}</span></a>'
    assert (
        texts(article(f"<p>On lit dans {link} que la grève a duré.</p>"))[1]
        == "On lit dans les registres que la grève a duré."
    )


def test_lines_that_come_again_and_again_stay() -> None:
    meals = [line for n in range(4) for line in (f"Jour {n}, un repas.", "Une portion de légumes verts.")]
    assert texts(article("".join(f"<p>{line}</p>" for line in meals))) == [TEXT, *meals, MORE]


def test_pull_quote_that_repeats_the_text_goes_with_its_name() -> None:
    quote = "personne, dans la vallée, ne l’a oublié"
    box = f'<figure class="wp-block-pullquote"><blockquote><p>{quote}</p><cite>Fatou</cite></blockquote></figure>'
    assert texts(article(box)) == [TEXT, MORE]


def test_metadata_agree_on_title_without_the_site() -> None:
    head = (
        '<meta property="og:title" content="La filature | La Revue"><meta property="og:site_name" content="La Revue">'
        '<link rel="canonical" href="/la-filature"><meta property="article:tag" content="Grèves">'
        '<script type="application/ld+json">{"@graph":[{"@type":["NewsArticle"],"headline":"La filature","author":'
        '{"name":"Par Léa Martin et Tom Roux"},"datePublished":"2025-03-01T10:00:00Z","articleSection":"Histoire"}]}</script>'
    )
    document = extract(page(f"<article><h1>La filature</h1><p>{TEXT}</p><p>{MORE}</p></article>", head), URL)
    assert (document.title, document.authors, document.published, document.section, document.tags) == (
        "La filature", ("Léa Martin", "Tom Roux"), "2025-03-01T10:00:00+00:00", "Histoire", ("Grèves",),
    )  # fmt: skip
    assert (document.canonical_url, document.lang) == ("https://revue.example/la-filature", "fr")


def test_standfirst_is_not_repeated_as_first_paragraph() -> None:
    lead = "Une grève oubliée revient dans la mémoire de la vallée."
    document = extract(
        page(f'<article><h1>La filature</h1><p class="chapo">{lead}</p><p>{TEXT}</p><p>{MORE}</p></article>'), URL
    )
    assert document.standfirst == lead
    assert [block.html for block in document.blocks] == [TEXT, MORE]


def test_byline_and_date_above_the_text_are_metadata_and_below_it_a_signature() -> None:
    head = "<h1>La filature</h1><p class='byline'>Par Léa Martin</p>"
    body = f"<div>{head}<p>{TEXT}</p><p>{MORE}</p><p>Léa Martin, le 3 mars 2025</p></div>"
    document = extract(page(body), URL)
    assert document.authors == ("Léa Martin",)
    assert [(block.html, block.role) for block in document.blocks] == [
        (TEXT, ""), (MORE, ""), ("Léa Martin, le 3 mars 2025", "signature"),
    ]  # fmt: skip


def test_bold_questions_of_an_interview_are_told() -> None:
    body = f"<p><b>Comment est-ce né ?</b></p><p>{TEXT}</p><p><strong>Et après ?</strong></p>"
    assert [block.role for block in extract(article(body), URL).blocks] == ["", "question", "", "question", ""]


def test_spec_fields_are_used_first() -> None:
    html = page(
        f'<div class="t">Vrai titre</div><h1>Autre</h1><div class="corps"><p>{TEXT}</p><p class="pub">Achetez</p></div>'
        f"<div><p>{MORE}</p></div>",
        '<meta name="signature" content="Léa Martin">',
    )
    document = extract(
        html,
        URL,
        spec=spec(
            title=("css:.t",), body=("xpath://div[@class='corps']",), strip=("css:.pub",), authors=("meta:signature",)
        ),
    )
    assert (document.title, document.authors, document.extractor) == (
        "Vrai titre", ("Léa Martin",), f"spec:revue {VERSION}",
    )  # fmt: skip
    assert [block.html for block in document.blocks] == [TEXT]


def test_spec_selector_that_matches_nothing_is_warned_of_and_replaced() -> None:
    document = extract(article(""), URL, spec=spec(body=("css:.corps",), title=("css:.t",)))
    assert [block.html for block in document.blocks] == [TEXT, MORE]
    assert document.extractor == f"generic {VERSION}"
    assert document.warnings[:2] == (
        "revue: fields.title finds nothing any more (css:.t); found generically instead",
        "revue: fields.body finds nothing any more (css:.corps); found generically instead",
    )


def test_mark_without_note_and_teaser_are_warned_of() -> None:
    head = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
    document = extract(page(f"<article><h1>La filature</h1><p>{TEXT} [1] {MORE} [2] Et…</p></article>", head), URL)
    assert document.warnings == (
        "this looks like the teaser of an article behind a paywall",
        "there are marks of notes ([1] … [2]), but no notes were found",
    )


@pytest.mark.parametrize(
    ("line", "doubted"),
    [
        ("Dieser Beitrag ist nur für zahlende Mitglieder", True),
        ("La suite de cet article est réservée à nos abonnés.", True),
        ("This post is for paying subscribers only", True),
        ("Este contenido es exclusivo para suscriptores", True),
        ("Questo articolo è riservato agli abbonati", True),
        ("Article réservé aux abonnés", False),
        ("Este sábado hay asamblea para socios", False),
        ("Cet espace de commentaires est réservé aux abonnés", False),
        ("Les commentaires de cet article sont réservés aux abonnés.", False),
    ],
)
def test_teaser_is_known_by_what_the_page_says_below_it(line: str, doubted: bool) -> None:
    wall = f'<div class="cta"><h2>{line}</h2><a href="/abo">Je m’abonne</a></div>'
    document = extract(page(f"<article><h1>La filature</h1><div><p>{TEXT}</p><p>{MORE}</p></div>{wall}</article>"), URL)
    assert [block.html for block in document.blocks] == [TEXT, MORE]
    assert ("this looks like the teaser of an article behind a paywall" in document.warnings) is doubted


def test_teaser_is_not_said_to_be_short_too() -> None:
    wall = "<div><h2>This post is for paying subscribers only</h2></div>"
    document = extract(page(f"<article><h1>La filature</h1><div><p>{TEXT}</p></div>{wall}</article>"), URL)
    assert document.warnings == ("this looks like the teaser of an article behind a paywall",)


def test_note_without_mark_is_kept_and_warned_of() -> None:
    notes = '<ol class="footnotes"><li id="fn1">Une. <a href="#ref1">↩</a></li><li id="fn2">Deux. <a href="#ref2">↩</a></li></ol>'
    document = extract(article('<p>Suite du récit<sup id="ref1"><a href="#fn1">1</a></sup>.</p>', notes), URL)
    assert [(note.label, note.html) for note in document.notes] == [("1", "Une."), ("2", "Deux.")]
    assert "no mark in the text refers to note 2" in document.warnings


def test_pagination_and_contents_are_not_notes() -> None:
    body = (
        '<p>Pages : <a href="#p1">1</a> <a href="#p2">2</a></p><h2 id="p1">Un</h2>'
        '<p>Texte un, assez long pour rester.</p><h2 id="p2">Deux</h2>'
    )
    document = extract(article(body), URL)
    assert document.notes == ()
    assert sum(block.type is BlockType.HEADING for block in document.blocks) == 2


@pytest.mark.parametrize(
    "body", [b"", b"   \n", b"%PDF-1.7 ...", b"\x89PNG\r\n", b"<html><body></body></html>", b"\x00\x01\x02" * 50]
)
def test_page_without_article_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(ExtractionError) as raised:
        extract(body, URL)
    assert raised.value.subject == URL
    assert not raised.value.retryable


def test_page_of_another_type_is_refused() -> None:
    with pytest.raises(ExtractionError, match="application/pdf"):
        extract(b"abc", URL, content_type="application/pdf")


@pytest.mark.parametrize(
    ("raw", "content_type", "text"),
    [
        ("été".encode(), "", "été"),
        ("été".encode("cp1252"), "", "été"),
        ("été’".encode("cp1252"), "text/html; charset=ISO-8859-1", "été’"),
        (b'<meta charset="windows-1252">' + "é".encode("cp1252"), "", '<meta charset="windows-1252">é'),
        ("é".encode("utf-16-le"), "text/html; charset=utf-8", "\ufffd\x00"),
        (b"\xff\xfe" + "é".encode("utf-16-le"), "text/html; charset=utf-8", "é"),
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=latin1", "é"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        (b"a" * 20 + "é".encode()[:1], "", "a" * 20 + "\ufffd"),
    ],
)
def test_charset_is_decided_as_browsers_do(raw: bytes, content_type: str, text: str) -> None:
    assert decode_page(raw, content_type) == text


@pytest.mark.parametrize(
    ("written", "lang", "iso"),
    [
        ("Publié le 1er juin 2024 à 14h30", "fr", "2024-06-01T14:30:00"),
        ("mercredi 11 septembre 2019", "fr", "2019-09-11"),
        ("3 de mayo de 2024", "es", "2024-05-03"),
        ("4. März 2025, 10:12 Uhr", "de", "2025-03-04T10:12:00"),
        ("June 4, 2024", "en", "2024-06-04"),
        ("03/04/2024", "fr", "2024-04-03"),
        ("03/04/2024", "en-US", "2024-03-04"),
        ("2024-04-25T08:18:00+0200", "", "2024-04-25T08:18:00+02:00"),
        ("2024-04-25 08:18:00.123Z", "", "2024-04-25T08:18:00+00:00"),
        ("Thu, 4 Jan 2024 10:00:00 GMT", "", "2024-01-04T10:00:00+00:00"),
        ("Von Léa Martin | 31.10.23", "de", "2023-10-31"),
        ("31.10.87", "de", "1987-10-31"),
        ("Fassung 1.2.10.4 von Firma 3.4.5a", "de", ""),
        ("2024-13-45", "", ""),
        ("hier", "fr", ""),
    ],
)
def test_dates_are_read_in_the_language_of_the_page(written: str, lang: str, iso: str) -> None:
    assert iso_date(written, lang) == iso


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Par Léa Martin et Tom Roux (avec AFP)", ("Léa Martin", "Tom Roux")),
        ("Von Johannes Ritter", ("Johannes Ritter",)),
        ("Martin, Léa", ("Léa Martin",)),
        ("View all posts by Léa Martin", ("Léa Martin",)),
        ("Zeige alle Beiträge von Léa Martin", ("Léa Martin",)),
        ("Tous les articles de Léa Martin", ("Léa Martin",)),
        ("Vera de Boer", ("Vera de Boer",)),
        ("Veröffentlicht vonJohannes Ritter am Samstag", ("Johannes Ritter",)),
        ("Interview: Léa Martin, Fotos: Tom Roux", ("Léa Martin",)),
        ("Léa Martin, PhD", ("Léa Martin",)),
        ("Entrevista de Léa Martin · Fotografias de Tom Roux", ("Léa Martin",)),
        ("Intervista di Léa Martin, illustrazioni di Tom Roux", ("Léa Martin",)),
        ("Martin Verlag GmbH, Nürnberg, Germany", ()),
        ("Laisser un commentaire", ()),
        ("La rédaction", ()),
        ("https://revue.example/auteur/lea", ()),
    ],
)
def test_byline_becomes_names(written: str, names: tuple[str, ...]) -> None:
    assert clean_authors([written]) == names


@pytest.mark.parametrize(
    ("html", "numbered", "stripped"),
    [
        ("[1] Une note.", False, "Une note."),
        ("<sup>1</sup> Une note.", False, "Une note."),
        ("1. Une note.", False, "Une note."),
        ("() Une note.", False, "Une note."),
        ("1848 fut une année.", False, "1848 fut une année."),
        ("1 fois sur deux.", True, "1 fois sur deux."),
        ("<em>Les Filatures</em>, 1981.", False, "<em>Les Filatures</em>, 1981."),
    ],
)
def test_label_of_a_note_is_taken_off(html: str, numbered: bool, stripped: str) -> None:
    assert strip_label(html, "1", numbered=numbered) == stripped


def test_wrong_rules_are_told_when_the_spec_is_read() -> None:
    assert check_rule("jsonld:author.name") == "jsonld:author.name"
    for rule in ("h1", "css:", "css:h1[", "xpath://h1[", "regex:x"):
        with pytest.raises(ValueError, match="begin it with|css:|xpath:"):
            check_rule(rule)
    with pytest.raises(ValueError, match="css: or xpath:"):
        check_element_rule("meta:author")


def test_saved_file_without_url_takes_its_canonical_address() -> None:
    html = page(
        f'<article><h1>La filature</h1><p>{TEXT} <a href="b">b</a></p><p>{MORE}</p></article>',
        '<link rel="canonical" href="https://revue.example/x/a">',
    )
    assert extract(html, "file:///page.html").blocks[0].html.endswith('<a href="https://revue.example/x/b">b</a>')


def test_control_characters_do_not_hide_an_article() -> None:
    assert texts(article("<p>Un\x0bmot&#7;&#x1F; [1]</p><p>[1] Une note\x00 brève.</p>"))[:2] == [TEXT, "Unmot"]
    page = article("<p>Un mot,<source>\x0cdeux&#12;mots, et<wbr> &#&#1;1;trois&#xC;de plus.</p>")
    assert texts(page)[1] == "Un mot, deux mots, et &# 1;trois de plus."


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- <script> --><p>Un paragraphe.</p><script>var a = '</p>';</script>",
        "<p title='<script>'>Un paragraphe.</p><script>x</script>",
        "<SCRIPT>var a = '<p>non</p>';</Script><p>Un paragraphe.</p>",
        "<style>p::before { content: '<p>non</p>' }</style><p>Un paragraphe.</p><!-- <style> -->",
        "<svg class='sign'/><p>Un paragraphe.</p><svg><path d='M1'/></svg>",
        "<script type='application/ld+json'>{</script ><p>Un paragraphe.</p><script>a</script>",
    ],
)
def test_scripts_take_no_text_with_them(markup: str) -> None:
    assert texts(article(markup)) == [TEXT, "Un paragraphe.", MORE]


def test_flood_of_attributes_behind_quotes_is_found() -> None:
    flood = " ".join(f'a{number}=">"' for number in range(3000))
    assert texts(article(f"<div {flood}><p>Un paragraphe, au milieu du récit.</p></div>")) == [
        TEXT, "Un paragraphe, au milieu du récit.", MORE,
    ]  # fmt: skip
    assert b"a2999" not in clean_source(f"<p {flood}>x</p>", "https://revue.example/a", "")


def test_element_with_thousands_of_attributes_loses_them_only() -> None:
    flood = " ".join(f"a{number}" for number in range(3000))
    assert texts(article(f"<div {flood}><p>Un paragraphe, au milieu du récit.</p></div>")) == [
        TEXT, "Un paragraphe, au milieu du récit.", MORE,
    ]  # fmt: skip


def test_questions_of_an_interview_are_told_by_who_asks() -> None:
    turns = [
        "<b>La revue :</b> Quand avez-vous appris la fermeture ?",
        "<b>P. V. :</b> Par la radio, comme tout le monde. Qui d’autre l’aurait dit ?",
        "<b>La revue :</b> Et les clés ?",
        "<b>P. V. :</b> Je les ai toujours.",
        "<b>P. V. :</b> Elles pèsent leur poids.",
    ]
    document = extract(ending("".join(f"<p>{turn}</p>" for turn in turns)), URL)
    assert [block.role for block in document.blocks] == ["", "", "question", "", "question", "", ""]


def test_closing_notes_are_told_above_the_credit_of_a_picture() -> None:
    closing = (
        "<p>Nota do tradutor: o termo tem aqui os dois sentidos.</p><p>N.d.T. : en français dans le texte.</p>"
        "<p>Photo de couverture : archives de la ville.</p>"
    )
    document = extract(ending(closing), URL)
    assert [block.role for block in document.blocks[-3:]] == ["translator_note", "translator_note", ""]


@pytest.mark.parametrize(
    "closing",
    [
        "<p>Les ouvrier*es se taisent, 420 m² et 1 800 m³ en tout.</p><p>* Un point.</p><p>* Un autre.</p>",
        "<p>La halle* se tait.</p><p>* Un point.</p><p>* Un autre.</p>",
        "<p>Cinq propositions :</p><p>3. Rouvrir les écluses.</p><p>4. Garder les registres.</p>",
        "<h3>Références</h3><p>Albaret, Jeanne (2011). Les Quais. Toulouse.</p>",
    ],
)
def test_what_only_looks_like_notes_stays_in_the_text(closing: str) -> None:
    document = extract(ending(closing), URL)
    assert document.notes == ()
    assert len(document.blocks) == 2 + closing.count("<p>") + closing.count("<h3>")


@pytest.mark.parametrize(
    "below",
    [
        "<p>Par Léa Martin, le 10 novembre 2026</p>",
        "<div>Par Léa Martin – 10 novembre 2026</div>",
        '<footer class="node__meta">Par <span class="field field--name-uid">Léa Martin</span>, 10 novembre 2026</footer>',
    ],
)
def test_byline_and_date_below_the_title_are_read_without_a_name(below: str) -> None:
    document = extract(page(f"<article><h1>La filature</h1>{below}<p>{TEXT}</p><p>{MORE}</p></article>"), URL)
    assert (document.authors, document.published) == (("Léa Martin",), "2026-11-10")
    assert len(document.blocks) == 2


def test_a_first_sentence_below_the_title_is_no_byline() -> None:
    first = "Par Saint-Denis passait le canal, le 10 novembre 1926."
    document = extract(page(f"<article><h1>La filature</h1><p>{first}</p><p>{TEXT}</p><p>{MORE}</p></article>"), URL)
    assert document.authors == ()


def test_a_short_heading_is_the_title_without_the_site_s_name() -> None:
    titled = page(f"<article><h1>Ce qui reste</h1><p>{TEXT}</p><p>{MORE}</p></article>").replace(
        "<title>La filature", "<title>Ce qui reste | Garn"
    )
    assert extract(titled, URL).title == "Ce qui reste"
