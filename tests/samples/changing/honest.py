"""Forty-odd changes that editors, translators and web masters make to an article that stays the article."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from tests.samples.changing.texts import DE, EN, ES, FR, IT, NL, PT, Piece
from tests.samples.changing.themes import bare, drupal, ghost, paragraphs, spip, wordpress
from tests.samples.changing.vanished import Answer, Case

BRIEF = replace(
    DE, slug="/kurz/streik-beendet", title="Busfahrer beenden ihren Streik", lead="Einigung nach drei Tagen.",
    paragraphs=(
        "Die Busfahrer der Stadt haben ihren Streik am Donnerstagabend beendet. Beide Seiten einigten sich auf eine Erhöhung um vier Prozent. Ab Freitag fahren alle Linien wieder nach Plan.",
    ),
)  # fmt: skip
COOKIES = replace(
    FR, slug="/2026/06/la-cnil-et-les-cookies", title="Murs de cookies : pourquoi la page « Tout accepter » est contestée",
    lead="Les sites de presse demandent un consentement ou un abonnement. Une association attaque.",
    paragraphs=(
        "« Nous et nos partenaires utilisons des cookies » : la phrase accueille désormais le lecteur sur presque tous les sites. Une association a saisi la justice, estimant que le choix offert n’en est pas un.",
        "Selon elle, refuser devrait être aussi simple qu’accepter. Les éditeurs répondent que la publicité personnalisée finance les rédactions, et que personne n’est forcé de rester.",
        "L’autorité de protection des données a publié en mai des critères : prix raisonnable, information claire, absence de traceurs avant le choix. Elle n’a pourtant condamné aucun journal à ce jour.",
        "Le tribunal rendra sa décision en septembre. D’ici là, les murs restent debout, et les lecteurs continuent de cliquer sans lire.",
    ),
)  # fmt: skip
LOST = replace(
    EN, slug="/2026/06/error-404", title="Page not found: a short history of the 404 error",
    lead="It is the most famous failure of the web, and it began as a note between colleagues.",
    paragraphs=(
        "Everybody has met it. “Page not found”, says the screen, and the reader goes back to where she came from, a little annoyed and a little amused.",
        "The number comes from a list of answers that servers may give, drawn up in the first years of the web. The first digit says whose fault it is: with a four, it is the reader’s.",
        "Designers have made jokes of it ever since. Lost astronauts, sad robots and empty plates of spaghetti stand where an article used to be, and some of them are better known than the sites they belong to.",
        "Librarians are less amused. A quarter of the links in court decisions lead to nothing, a survey found, and each year the share grows by a point or two.",
    ),
)  # fmt: skip


def _replaced(piece: Piece, old: str, new: str) -> Piece:
    assert any(old in one for one in (*piece.paragraphs, piece.title, piece.lead)), old
    return replace(
        piece, title=piece.title.replace(old, new), lead=piece.lead.replace(old, new),
        paragraphs=tuple(one.replace(old, new) for one in piece.paragraphs),
    )  # fmt: skip


def _with(piece: Piece, at: int, *texts: str) -> Piece:
    kept = [*piece.paragraphs]
    return replace(piece, paragraphs=(*kept[:at], *texts, *kept[at:]))


def _at(piece: Piece, body: str) -> dict[str, Answer]:
    return {piece.slug: Answer(body)}


def _cases() -> list[tuple[Case, str | None]]:
    """Each with the page as it was before, where that is no plain page of the theme."""
    found: list[tuple[Case, str | None]] = []

    def add(name: str, piece: Piece, theme: str, answers: dict[str, Answer], before: str | None = None) -> None:
        found.append((Case(name, piece, theme, answers), before))

    add(
        "title fixed",
        FR,
        "wordpress",
        _at(FR, wordpress(FR, title="Au Havre, la grève des dockers entame sa troisième semaine")),
    )
    add(
        "title is another",
        DE,
        "drupal",
        _at(DE, drupal(DE, title="Wenn die Stühle schweigen: Abschied von der Tuchfabrik Lenz")),
    )
    add("typo", EN, "ghost", _at(EN, ghost(_replaced(EN, "fourteen pupils", "fifteen pupils"))))
    add(
        "name put right everywhere",
        FR,
        "spip",
        _at(FR, spip(_replaced(_replaced(FR, "Yann", "Yannick"), "Aïcha", "Nadia"))),
    )
    add(
        "paragraph added at the end",
        ES,
        "wordpress",
        _at(
            ES,
            wordpress(
                _with(
                    ES,
                    6,
                    "La diputación ha respondido este viernes con un comunicado de dos líneas en el que asegura que estudia el caso.",
                )
            ),
        ),
    )
    add(
        "paragraph added in the middle",
        IT,
        "ghost",
        _at(
            IT,
            ghost(
                _with(
                    IT,
                    2,
                    "Interpellato, il fondo non ha voluto rispondere alle nostre domande sulla durata della procedura.",
                )
            ),
        ),
    )
    add("last paragraph removed", FR, "wordpress", _at(FR, wordpress(replace(FR, paragraphs=FR.paragraphs[:-1]))))
    add(
        "paragraph removed in the middle",
        DE,
        "spip",
        _at(DE, spip(replace(DE, paragraphs=(*DE.paragraphs[:2], *DE.paragraphs[3:])))),
    )
    add(
        "two paragraphs removed",
        EN,
        "drupal",
        _at(EN, drupal(replace(EN, paragraphs=(*EN.paragraphs[:2], *EN.paragraphs[4:])))),
    )
    rewritten = (
        "Quatre jours après notre premier passage, tout a changé sur le terminal : les braseros sont éteints et les grilles entrouvertes.",
        "Un accord de principe a été signé dans la nuit de mercredi, prévoyant quatre-vingts embauches étalées sur trois ans et le gel des cadences.",
        "Les syndicats parlent d’une première victoire, la direction d’un compromis raisonnable, et les armateurs se taisent encore.",
    )
    add(
        "half of it rewritten, the end",
        FR,
        "wordpress",
        _at(FR, wordpress(replace(FR, paragraphs=(*FR.paragraphs[:4], *rewritten)))),
    )
    add(
        "half of it rewritten, the beginning, and the title",
        FR,
        "spip",
        _at(
            FR,
            spip(
                replace(
                    FR,
                    title="Au Havre, un accord met fin au blocage du port",
                    paragraphs=(*rewritten, *FR.paragraphs[3:]),
                )
            ),
        ),
    )
    add("every second paragraph rewritten", EN, "wordpress", _at(EN, wordpress(replace(EN, paragraphs=tuple(
        one if at % 2 else f"In a revised account, the council and the operator disagree about point {at + 1}, and each has asked for the minutes of the meeting held in the hall last Thursday."
        for at, one in enumerate(EN.paragraphs))))))  # fmt: skip
    moved = "/2026/06/la-greve-des-dockers-troisieme-semaine"
    add("slug moved", FR, "wordpress", {FR.slug: Answer(location=moved), moved: Answer(wordpress(FR, url=""))})
    add(
        "slug moved and a sentence added",
        DE,
        "ghost",
        {
            DE.slug: Answer(location="/ende-der-weberei"),
            "/ende-der-weberei": Answer(
                ghost(_with(DE, 6, "Die Genossenschaft sucht noch Mitglieder, teilte sie am Montag mit."))
            ),
        },
    )
    add(
        "moved to another section",
        ES,
        "drupal",
        {ES.slug: Answer(location="/sociedad/el-pueblo-sin-agua"), "/sociedad/el-pueblo-sin-agua": Answer(drupal(ES))},
    )
    add(
        "moved by meta-refresh",
        PT,
        "spip",
        {
            PT.slug: Answer(
                bare("", "<a href='/artigo12'>aqui</a>", head="<meta http-equiv=refresh content='0; url=/artigo12'>")
            ),
            "/artigo12": Answer(spip(PT)),
        },
    )
    add("redesign, WordPress to Ghost", EN, "wordpress", _at(EN, ghost(EN)))
    add("redesign, SPIP to WordPress", FR, "spip", _at(FR, wordpress(FR)))
    add(
        "redesign, Drupal to a theme nobody knows",
        DE,
        "drupal",
        _at(
            DE,
            bare(
                DE.title,
                f"<header><a href=/>Hafenblatt</a></header><main><h1>{DE.title}</h1><p>{DE.lead}</p>{paragraphs(DE.paragraphs)}</main><footer>© Hafenblatt</footer>",
                lang="de",
            ),
        ),
    )
    ticker = [
        f"<h3>{hour}:00</h3><p>Um {hour} Uhr melden die Beobachter am Deich einen Pegel von {300 + 7 * hour} Zentimetern und leichten Regen aus Nordwest.</p>"
        for hour in range(6, 22)
    ]
    add(
        "live ticker grows",
        DE,
        "wordpress",
        _at(DE, wordpress(DE, "".join(reversed(ticker[:12])))),
        wordpress(DE, "".join(reversed(ticker[:5]))),
    )
    add(
        "live ticker drops what is old",
        DE,
        "ghost",
        _at(DE, ghost(DE, "".join(reversed(ticker[4:14])))),
        ghost(DE, "".join(reversed(ticker[:9]))),
    )
    add(
        "correction note",
        EN,
        "drupal",
        _at(
            EN,
            drupal(
                EN,
                paragraphs(EN.paragraphs)
                + "<p><em>Correction, 2 July: an earlier version misstated the year in which the council counted passengers.</em></p>",
            ),
        ),
    )
    add(
        "correction note on top",
        PT,
        "wordpress",
        _at(
            PT,
            wordpress(
                PT, "<p><strong>Atualizado às 15h20 com a reação da câmara.</strong></p>" + paragraphs(PT.paragraphs)
            ),
        ),
    )
    add(
        "standfirst rewritten",
        IT,
        "wordpress",
        _at(IT, wordpress(IT, lead="Chi compra la laguna? La risposta arriverà, forse, entro l’autunno.")),
    )
    add("standfirst removed", NL, "drupal", _at(NL, drupal(NL, lead=" ")))
    add("pictures swapped", FR, "wordpress", _at(FR, wordpress(FR, "<figure><img src='/b.jpg' alt=''><figcaption>Sur les quais, mardi.</figcaption></figure>" + paragraphs(FR.paragraphs))),
        wordpress(FR, "<figure><img src='/a.jpg' alt=''><figcaption>Le terminal à l’aube.</figcaption></figure>" + paragraphs(FR.paragraphs)))  # fmt: skip
    add(
        "doubled in length",
        EN,
        "ghost",
        _at(
            EN,
            ghost(
                _with(
                    EN,
                    6,
                    *(
                        f"{one} So it was in the old days, people add, and so it is told to children ({at})."
                        for at, one in enumerate(ES.paragraphs)
                    ),
                )
            ),
        ),
    )
    add(
        "brief, one sentence of three changed",
        BRIEF,
        "wordpress",
        _at(
            BRIEF,
            wordpress(
                _replaced(
                    BRIEF,
                    "Ab Freitag fahren alle Linien wieder nach Plan.",
                    "Die Linie 7 bleibt noch bis Montag unterbrochen.",
                )
            ),
        ),
    )
    add(
        "brief, a sentence taken out",
        BRIEF,
        "spip",
        _at(BRIEF, spip(_replaced(BRIEF, " Ab Freitag fahren alle Linien wieder nach Plan.", ""))),
    )
    add("brief grows into an article", BRIEF, "ghost", _at(BRIEF, ghost(_with(BRIEF, 1, *DE.paragraphs[:4]))))
    add(
        "quotes translated",
        ES,
        "wordpress",
        _at(
            ES,
            wordpress(
                _replaced(
                    ES,
                    "«Al principio decían que era cosa de unas semanas»",
                    "«Hasieran aste batzuetako kontua zela esaten zuten» (al principio decían que eran unas semanas)",
                )
            ),
        ),
    )
    add(
        "other punctuation",
        FR,
        "spip",
        _at(
            FR,
            spip(
                replace(
                    FR,
                    paragraphs=tuple(
                        one.replace("« ", "“")
                        .replace(" »", "”")
                        .replace("’", "'")
                        .replace(" ;", ";")
                        .replace(" :", ":")
                        for one in FR.paragraphs
                    ),
                )
            ),
        ),
    )
    add(
        "other spelling",
        DE,
        "drupal",
        _at(
            DE,
            drupal(
                replace(
                    DE,
                    paragraphs=tuple(
                        one.replace("ß", "ss").replace("„", "«").replace("“", "»") for one in DE.paragraphs
                    ),
                )
            ),
        ),
    )
    split = f"<nav class='pagination'><a href='{FR.slug}'>1</a> <a href='{FR.slug}?page=2' rel='next'>2</a></nav>"
    add("text split over pages", FR, "wordpress", {
        FR.slug: Answer(wordpress(FR, paragraphs(FR.paragraphs[:4]) + split, head=f"<link rel=next href='{FR.slug}?page=2'>")),
        f"{FR.slug}?page=2": Answer(wordpress(FR, paragraphs([*FR.paragraphs[4:], "Mise à jour : l’assemblée a eu lieu."]))),
    })  # fmt: skip
    add(
        "paywall lifted",
        FR,
        "wordpress",
        _at(FR, wordpress(FR)),
        wordpress(
            FR, paragraphs(FR.paragraphs[:2]) + "<div class='paywall'><p>La suite est réservée aux abonnés.</p></div>"
        ),
    )
    add(
        "paywall lifted, cut sentence",
        DE,
        "ghost",
        _at(DE, ghost(DE)),
        ghost(DE, paragraphs([DE.paragraphs[0], DE.paragraphs[1][:50] + " …"])),
    )
    add(
        "paragraphs joined",
        NL,
        "wordpress",
        _at(NL, wordpress(replace(NL, paragraphs=(" ".join(NL.paragraphs[:3]), " ".join(NL.paragraphs[3:]))))),
    )
    add(
        "sub-headings added",
        IT,
        "drupal",
        _at(
            IT,
            drupal(
                IT, "".join(f"<h2>Capitolo {at}</h2><p>{escape(one)}</p>" for at, one in enumerate(IT.paragraphs, 1))
            ),
        ),
    )
    add("order changed", PT, "ghost", _at(PT, ghost(replace(PT, paragraphs=PT.paragraphs[::-1]))))
    add(
        "author and section changed",
        ES,
        "ghost",
        _at(ES, ghost(replace(ES, author="Redacción"))),
        ghost(replace(ES, paragraphs=ES.paragraphs[:-1])),
    )
    add(
        "article about cookies: paragraph added",
        COOKIES,
        "wordpress",
        _at(COOKIES, wordpress(_with(COOKIES, 4, "Mise à jour : l’audience a été reportée d’une semaine."))),
    )
    add("article about 404: typo", LOST, "ghost", _at(LOST, ghost(_replaced(LOST, "sad robots", "sad machines"))))
    add(
        "page loses its closing tags",
        EN,
        "spip",
        _at(EN, spip(_replaced(EN, "fourteen", "thirteen")).replace("</body></html>", "")),
    )
    add(
        "notes added",
        FR,
        "spip",
        _at(FR, spip(FR, paragraphs(FR.paragraphs) + "<div class='notes'><p>[1] Entretien du 14 juin 2026.</p></div>")),
    )
    add(
        "links and emphasis only, a word changed",
        NL,
        "ghost",
        _at(
            NL,
            ghost(
                NL,
                paragraphs(NL.paragraphs)
                .replace("zorgvuldig", "<em>zorgvuldig</em>")
                .replace("drie avonden", "<a href='/x'>vier avonden</a>"),
            ),
        ),
    )
    return found


HONEST = _cases()
