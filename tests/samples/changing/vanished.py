"""Forty-odd ways in which an article's page is no longer, or not yet, the article; each in another theme and language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape

from tests.samples.changing.texts import DE, DE_OTHER, EN, ES, FR, FR_OTHER, IT, NL, PT, Piece
from tests.samples.changing.themes import THEMES, bare, drupal, front, ghost, notice, paragraphs, spip, wordpress

OTHERS = [FR_OTHER, DE_OTHER, EN, ES, IT, PT, NL, DE]


@dataclass(frozen=True)
class Answer:
    """What an address answers: a page, or a redirection where ``location`` is given. ``cut``: bytes of the page that come."""

    body: str = ""
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: float = 1.0


@dataclass(frozen=True)
class Case:
    """``answers`` by path: what the site answers after the change. ``first``: at the first look already, with nothing
    stored before. ``later``: after the article was read."""

    name: str
    piece: Piece
    theme: str
    answers: dict[str, Answer]
    first: bool = True
    later: bool = True


def page(piece: Piece, theme: str, **more: str) -> str:
    return THEMES[theme](piece, **more)


def _at(piece: Piece, body: str, **more: object) -> dict[str, Answer]:
    return {piece.slug: Answer(body, **more)}  # type: ignore[arg-type]


def _to(piece: Piece, path: str, body: str) -> dict[str, Answer]:
    return {piece.slug: Answer(location=path), path: Answer(body)}


def _teaser(piece: Piece, count: int, ending: str = "") -> str:
    return paragraphs(piece.paragraphs[:count]) + ending


WALL_FR = (
    "<div class='wall'><h2>Le respect de votre vie privée est notre priorité</h2><p>Avec votre accord, nos 213 partenaires et nous utilisons des cookies ou traceurs "
    "pour stocker et accéder à des données personnelles comme votre visite sur ce site. Vous pouvez retirer votre consentement à tout moment.</p>"
    "<p>Publicité personnalisée, mesure d’audience, développement de services.</p><button>Paramétrer les cookies</button><button>Tout accepter</button><a>Continuer sans accepter</a></div>"
)
WALL_DE = (
    "<main><h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und Tracking. Ihre Zustimmung ist jederzeit widerrufbar. "
    "Details zu Tracking und Cookies finden Sie in der Datenschutzerklärung und im Privacy-Center.</p><button>Akzeptieren und weiter</button>"
    "<h2>… oder im Pur-Abo</h2><p>Nutzen Sie unser Angebot ohne Werbebanner und personalisiertes Tracking für 3,99 € im Monat. Wir und unsere Partner verarbeiten personenbezogene Daten.</p></main>"
)
WALL_EN = (
    "<div><h1>We value your privacy</h1><p>We and our 842 partners store and access personal data, like browsing data or unique identifiers, on your device. Selecting I Accept enables tracking "
    "technologies to support the purposes shown under we and our partners process data to provide. You can withdraw your consent at any time.</p><ul><li>Personalised advertising and content</li>"
    "<li>Audience research and services development</li></ul><button>I accept</button><button>Reject all</button><button>Manage options</button></div>"
)
WALL_ES = (
    "<section><h2>Tu privacidad es importante para nosotros</h2><p>Nosotros y nuestros socios utilizamos cookies para almacenar y tratar datos personales. Puedes aceptar todas las cookies, configurar tus preferencias o "
    "suscribirte y navegar sin publicidad personalizada. Tu consentimiento se aplica solo a este sitio web.</p><button>Aceptar y continuar</button><button>Rechazar y pagar</button></section>"
)


def _cases() -> list[Case]:
    found: list[Case] = []

    def add(
        name: str, piece: Piece, theme: str, answers: dict[str, Answer], *, first: bool = True, later: bool = True
    ) -> None:
        found.append(Case(name, piece, theme, answers, first, later))

    # Not found, answered with 200
    add(
        "not found, French, WordPress",
        FR,
        "wordpress",
        _at(
            FR,
            notice(
                FR,
                "Page non trouvée",
                "Oups ! Cette page est introuvable. Essayez peut-être une recherche.",
                classes="error404",
            ),
        ),
    )
    add(
        "not found, French, SPIP, other words",
        FR,
        "spip",
        _at(FR, notice(FR, "Erreur", "L’article demandé n’existe pas ou n’est plus en ligne.", heading="")),
    )
    add(
        "not found, German, Drupal",
        DE,
        "drupal",
        _at(DE, notice(DE, "Seite nicht gefunden", "Die angeforderte Seite konnte leider nicht gefunden werden.")),
    )
    add("not found, Spanish, with latest articles", ES, "wordpress", _at(ES, notice(
        ES, "No se ha encontrado la página", "Lo sentimos. Quizá le interesen estas noticias.",
        body="".join(f"<h3><a href='{one.slug}'>{escape(one.title)}</a></h3><p>{escape(one.paragraphs[0])}</p>" for one in OTHERS[:5]))))  # fmt: skip
    add(
        "not found, Italian",
        IT,
        "ghost",
        _at(IT, notice(IT, "404", "La pagina che cerchi non esiste più. Torna alla home.", heading="Ops!")),
    )
    add(
        "not found, Portuguese",
        PT,
        "wordpress",
        _at(PT, notice(PT, "Página não encontrada", "O endereço que procura não existe ou foi removido.")),
    )
    add(
        "not found, English, after a redirection",
        EN,
        "ghost",
        _to(EN, "/404", notice(EN, "Page not found", "We couldn’t find that page. It may have moved.")),
    )
    add(
        "not found, Dutch",
        NL,
        "drupal",
        _at(NL, notice(NL, "Pagina niet gevonden", "De opgevraagde pagina bestaat niet (meer).")),
    )
    add(
        "not found, Catalan",
        FR,
        "ghost",
        _at(
            FR,
            notice(
                replace(FR, lang="ca"), "No s’ha trobat la pàgina", "Aquesta pàgina no existeix o ha estat eliminada."
            ),
        ),
    )
    add(
        "removed on request",
        EN,
        "wordpress",
        _at(
            EN,
            notice(
                EN,
                "The Estuary Review",
                "This article is no longer available. It has been removed at the request of the person concerned.",
                heading="Article removed",
            ),
        ),
    )
    # Front page and sections
    add("redirected to the front page, WordPress", FR, "wordpress", _to(FR, "/", front(FR, OTHERS)))
    add("redirected to the front page, SPIP", FR, "spip", _to(FR, "/", front(FR, OTHERS, theme="spip")))
    add(
        "redirected to a section",
        DE,
        "drupal",
        _to(DE, "/gesellschaft", front(DE, OTHERS, theme="drupal", section="Gesellschaft")),
    )
    add("front page at the same address", IT, "wordpress", _at(IT, front(IT, OTHERS)))
    add("redirected to the index of a language", PT, "ghost", _to(PT, "/pt/", front(PT, OTHERS, theme="ghost")))
    add("front page in a theme nobody knows", ES, "drupal", _to(ES, "/index.php", front(ES, OTHERS, theme="plain")))
    # Another article
    add("another article, redirected", FR, "wordpress", _to(FR, FR_OTHER.slug, wordpress(FR_OTHER)))
    add("another article at the same address", DE, "drupal", _at(DE, drupal(DE_OTHER)))
    add("the English version instead", FR, "spip", _at(FR, spip(EN)))
    add("text of the domain's new owner", NL, "ghost", _at(NL, bare(
        "Beste online casino’s van 2026", "<h1>Beste online casino’s van 2026</h1>" + paragraphs(["Onze redactie vergelijkt elke maand de bonussen van alle aanbieders met een vergunning."] * 3 + ["Speel bewust, achttien jaar en ouder."]), lang="nl")))  # fmt: skip
    add(
        "a tag's page at the article's address",
        EN,
        "ghost",
        _at(EN, front(EN, OTHERS, theme="ghost", section="Islands")),
    )
    # Walls
    add("consent wall, French", FR, "wordpress", _at(FR, bare("La Semaine du port", WALL_FR, lang="fr")))
    add("consent wall, German, Pur-Abo", DE, "drupal", _at(DE, bare("Hafenblatt", WALL_DE, lang="de")))
    add(
        "consent wall, English, another host's path",
        EN,
        "wordpress",
        _to(EN, "/consent?return=/x", bare("Before you continue", WALL_EN)),
    )
    add(
        "consent wall, Spanish, under the site's theme",
        ES,
        "spip",
        _at(ES, notice(ES, "El Muelle", "", heading="", body=WALL_ES)),
    )
    add(
        "login wall",
        EN,
        "ghost",
        _to(
            EN,
            "/signin",
            notice(
                EN,
                "Sign in",
                "Please sign in to continue.",
                body="<form><label>Email <input type=email></label><label>Password <input type=password></label><button>Sign in</button></form>",
            ),
        ),
    )
    add(
        "registration wall at the same address",
        PT,
        "wordpress",
        _at(
            PT,
            notice(
                PT,
                "Inicie sessão",
                "Inicie sessão ou crie uma conta gratuita para ler este artigo.",
                body="<form><input name=mail><input type=password><button>Entrar</button></form>",
            ),
        ),
    )
    add(
        "login wall, French members",
        FR,
        "spip",
        _at(
            FR,
            notice(
                FR,
                "Espace abonnés",
                "Connectez-vous pour lire la suite. Mot de passe oublié ?",
                body="<form><input type=password></form>",
            ),
        ),
    )
    add(
        "bot check: just a moment",
        EN,
        "wordpress",
        _at(
            EN,
            bare(
                "Just a moment...",
                "<noscript><div class=h2>Enable JavaScript and cookies to continue</div></noscript><script>window._cf_chl_opt={}</script><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>",
            ),
        ),
    )
    add(
        "bot check: device check",
        FR,
        "drupal",
        _at(
            FR,
            bare(
                "lasemaine.example",
                "<script>var dd={'host':'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'></script><p id=cmsg>Please enable JS and disable any ad blocker</p>",
            ),
        ),
    )
    add(
        "bot check: prove you are human",
        DE,
        "ghost",
        _at(
            DE,
            bare(
                "Sicherheitsprüfung",
                "<h1>Bitte bestätigen Sie, dass Sie kein Roboter sind</h1><form><div class='h-captcha' data-sitekey='x'></div><button>Weiter</button></form>",
                lang="de",
            ),
        ),
    )
    add(
        "access denied by a firewall",
        ES,
        "wordpress",
        _at(
            ES,
            bare(
                "Access Denied",
                "<h1>Access Denied</h1><p>You don't have permission to access this resource on this server.</p><p>Reference #18.2f3a</p>",
            ),
        ),
    )
    # The site is broken
    add(
        "maintenance, WordPress",
        IT,
        "wordpress",
        _at(IT, bare("Manutenzione", "<h1>Sito in manutenzione</h1><p>Torniamo presto.</p>", lang="it")),
    )
    add(
        "maintenance, German",
        DE,
        "wordpress",
        _at(
            DE,
            bare(
                "Wartungsarbeiten",
                "<h1>Wir sind gleich wieder da</h1><p>Wegen Wartungsarbeiten ist unsere Website vorübergehend nicht erreichbar.</p>",
                lang="de",
            ),
        ),
    )
    add(
        "database error",
        FR,
        "wordpress",
        _at(
            FR,
            bare(
                "Erreur de base de données",
                "<div class=wp-die-message><h1>Erreur lors de la connexion à la base de données</h1></div>",
                lang="fr",
            ),
        ),
    )
    add(
        "web server's default page",
        NL,
        "spip",
        _at(
            NL,
            bare(
                "Welcome to nginx!",
                "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and working. Further configuration is required.</p>",
            ),
        ),
    )
    add(
        "empty shell that needs scripts",
        EN,
        "ghost",
        _at(
            EN,
            bare(
                "The Estuary Review",
                "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div><script src=/static/js/main.js></script>",
            ),
        ),
    )
    add("empty page", PT, "drupal", _at(PT, bare("", "<script src=/a.js></script><div id=app></div>")))
    # Forwarding
    add(
        "meta-refresh to the front page",
        FR,
        "spip",
        {
            FR.slug: Answer(bare("", "<p>Redirection…</p>", head="<meta http-equiv=refresh content='0;url=/'>")),
            "/": Answer(front(FR, OTHERS, theme="spip")),
        },
    )
    add(
        "meta-refresh nobody follows",
        DE,
        "drupal",
        _at(
            DE,
            bare(
                "Umzug",
                "<p>Diese Seite ist umgezogen.</p>",
                head="<meta http-equiv=refresh content='30;url=https://neu.example/'>",
                lang="de",
            ),
        ),
    )
    add(
        "refresh header to a consent page",
        EN,
        "wordpress",
        {
            EN.slug: Answer(bare("", "<p>One moment</p>"), headers={"Refresh": "0; url=/consent"}),
            "/consent": Answer(bare("Privacy", WALL_EN)),
        },
    )
    # Cut off
    add("cut in the middle of the text", FR, "wordpress", _at(FR, wordpress(FR), cut=0.62))
    add("cut in the middle of the text, SPIP", FR, "spip", _at(FR, spip(FR), cut=0.55))
    add("cut near the end of the text", DE, "ghost", _at(DE, ghost(DE), cut=0.66))
    add(
        "the end is missing on a whole page",
        EN,
        "drupal",
        _at(EN, drupal(EN, _teaser(EN, 2) + f"<p>{EN.paragraphs[2][:80]}</p>")),
        first=False,
    )
    add("most of the text is missing", ES, "wordpress", _at(ES, wordpress(ES, _teaser(ES, 2))), first=False)
    # Behind a paywall now
    add(
        "paywall, French",
        FR,
        "wordpress",
        _at(
            FR,
            wordpress(
                FR,
                _teaser(
                    FR,
                    2,
                    "<div class='paywall'><p>La suite est réservée aux abonnés.</p><p>Abonnez-vous dès 1 € par mois pour lire tous nos articles.</p></div>",
                ),
            ),
        ),
        first=False,
    )
    add(
        "paywall, German, fading out",
        DE,
        "drupal",
        _at(DE, drupal(DE, _teaser(DE, 1, f"<p>{DE.paragraphs[1][:60]} …</p>"))),
        first=False,
    )
    return found


VANISHED: list[Case] = _cases()
