"""What a site's furniture is called, in class and id, and what it says to the reader; in many languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable
from functools import lru_cache

_OTHER = re.compile(
    r"(?<![a-z])(?:shar(?:e|ing|es)(?:bar|box|tools?|buttons?|links?|daddy)?|sharethis|addtoany|addthis|social(?:s"
    r"|media|links)?|partag\w*|teilen|compart\w*"
    r"|newsletters?|related|relat(?:ed|i)(?:posts?|articles?|content|links?)?|yarpp|jp-relatedposts|recommend\w*"
    r"|recirc\w*|recirculation|outbrain|taboola|plista|trc"
    r"|sidebar|breadcrumbs?|breadcumbs?|ariane|chemin|pagination|pager|pagelinks|navigation|nav|navbar|menu"
    r"|toolbar|toolbox|cookies?|consent|gdpr"
    r"|adverts?|advertis\w*|ads?|adslot|adv|publicit[eé]|pubs?|anzeige|werbung|publicidad|dfp|gpt|sponsor\w*"
    r"|promo\w*|teasers?|teaserlist|teaserblock"
    r"|subscri\w*|abonn\w*|abo|suscri\w*|paywall|piano|regwall|donat\w*|dons?|spenden|signup|sign-up|login|popup"
    r"|modal|overlay|lightbox|tooltip"
    r"|tags?|taglist|keywords?|topics?|themen|mots-cles|motscles|footer|masthead|skip(?:link|-link)?"
    r"|screen-reader(?:-text)?|sr-only|visually-?hidden|visuallyhidden|u-hidden"
    r"|lire-?aussi|a-?lire|read-?more|readmore|read-?also|see-?also|also-?read|more-(?:on|from|stories|articles"
    r"|news)|more-?stories|most-?(?:read|popular|viewed)|meist-?gelesen|popular|trending|latest|next-?article"
    r"|prev(?:ious)?-?(?:article|post)|post-?navigation"
    r"|author-?(?:bio|box|info|card|description|details)|about-?(?:the-)?author|(?:entry|post|article)-?author"
    r"|autor(?:en)?-?(?:box|info|profil)|bio|biography|widget|widgets"
    r"|rating|vote|feedback|print|printer|copy-?link|bookmark|listen|audio-?player|text-?to-?speech|tts"
    r"|reading-?time|read-?time|entry-?(?:meta|utility)|post-?meta(?:data)?|wp-embedded-content"
    r"|mailto|whatsapp|follow(?:-us)?|app-?download|quiz|poll|survey|formulaires?"
    r"|liveblog-?nav|toc|table-of-contents|inhaltsverzeichnis|jump-?links?|correction-?form|disclaimer|disclosure"
    r"|copyright-?notice|video-?playlist|playlist|player-?wrapper|gallery-?nav|slider|carousel|slick"
    r"|swiper|wp-block-query|wp-block-latest-posts|wp-block-file__button|cta|(?:image|photo|img|picture|media|embed|foto|bild)-?caption)(?![a-z])",
    re.I,
)
_COMMENTS = re.compile(
    r"(?<![a-z])(?:comments?|comment-?(?:form|list)|commentaires?|disqus\w*|kommentare?|comentarios?|respond|coral|viafoura"
    r"|forums?|forum-\w+|comments?-(?:area|section|list))(?![a-z])",
    re.I,
)
_CONSENT = re.compile(
    r"(?<![a-z])(?:cookies?|consents?|cmp-?(?:banner|box|container|consent|overlay|popup)|gdpr|rgpd|onetrust|ot-(?:sdk|pc)|didomi|usercentrics|sp-message"
    r"|cookiebot|tarteaucitron|axeptio)(?![a-z])"
)
# What a wall is in front of is called so too.
PAID = re.compile(r"paywall|regwall|piano|subscri|abonn|suscri", re.I)
# Names that say how an element looks or what it lacks, not what it is: "print:max-w-lg", "no-tts", "has-ads".
_STYLING = re.compile(r"(?<!\S)\S*[:\[\]]\S*|(?:(?<!\S)|--)(?:no|not|has|with|without|is|hide|show|js)[-_]\S*")
# WordPress names what surrounds a post after its tags, too.
_POST = re.compile(r"(?<![\w-])(?:post|page)-\d")
_SUBJECT = re.compile(r"(?<!\S)(?:tag|category)-\S*")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
READ_ALSO = re.compile(
    r"^\W*(?:(?:[aà]|pour|et)?\s*(?:re)?(?:lire|voir|[eé]couter|d[eé]couvrir)\s+(?:aussi|[eé]galement|encore|plus"
    r"|sur le m[eê]me|notre (?:article|dossier|entretien))|lire (?:la suite|notre|nos)\b|[aà] (?:lire|voir"
    r"|[eé]couter|d[eé]couvrir)\s*(?::|$)|sur le m[eê]me (?:sujet|th[eè]me)|dans la m[eê]me rubrique"
    r"|(?:read|see) (?:more|also|next)\b|related(?: (?:articles?|stories|posts?|content|topics))?\s*(?::|$)"
    r"|more (?:on this|from|like this|(?:\w+ ){0,3}(?:stories|articles|news)\b)"
    r"|you (?:may|might) (?:also )?like|recommended(?: for you)?\s*:?$"
    r"|don'?t miss|also (?:read|on)\b|watch(?: now)?\s*:|most read"
    r"|lesen sie (?:auch|hier|mehr|dazu)|lies auch|auch interessant|mehr (?:zum|zur|dazu|zu)\b|das (?:thema )?k[oö]nnte (?:sie"
    r"|dich)|mehr themen\b|weiterlesen"
    r"|weitere (?:\w+ )?(?:artikel|themen|meldungen|news)|empfohlener (?:externer "
    r"|redaktioneller )?inhalt|externer inhalt|passend dazu|lesetipps?"
    r"|zu[mr] (?:artikel|interview|kommentar|video|podcast)\s*:|zum thema\s*:?$"
    r"|(?:le[ae]|ve[ar]?|mira)(?: tambi[eé]n| m[aá]s\b| aqu[ií])|leer m[aá]s|m[aá]s (?:informaci[oó]n|sobre|noticias)"
    r"|(?:tambi[eé]n )?(?:te|les?) puede interesar|tambi[eé]n puede[ns]? (?:leer|ver)|puede[ns]? ver\s*:"
    r"|tambi[eé]n te|noticias? relacionadas?|relacionad[oa]s?\s*:?$|leggi anche|leggi (?:di pi[uù]|tutto)"
    r"|potrebbe interessarti|vedi anche|articoli correlati|leia (?:tamb[eé]m|mais)|veja tamb[eé]m"
    r"|le(?:s|es) (?:også|ook|meer)|l[æä]s (?:også|också|mer)|czytaj (?:też|także|więcej)|zobacz (?:też|także))",
    re.I,
)
# Of text in lower case: without re.I the search passes over what no alternative begins with, ten times as fast.
_APPEAL = re.compile(
    r"(?:abonnez[- ]vous|inscrivez[- ]vous|recevez (?:notre|nos|la)|s['’]abonner|faites un don|faire un don"
    r"|soutenez[- ](?:nous|notre)|suivez[- ]nous|partager (?:cet|sur)|newsletter|abonnieren sie"
    r"|jetzt (?:abonnieren|anmelden|testen)|folgen sie uns"
    r"|sign up (?:for|to)|subscribe (?:to|now|here)|follow us|support (?:our|us)\b|make a donation|donate (?:now"
    r"|today|here)|suscr[ií]b(?:ete|ase)|s[ií]guenos|iscriviti|seguici|assine|siga-nos|whatsapp[- ](?:kanal"
    r"|channel)|google news|download (?:the|our) app|click here to|all rights reserved|alle rechte vorbehalten"
    r"|tous droits r[eé]serv[eé]s)"
)
# What stands where a page breaks off: "Dieser Beitrag ist nur für zahlende Mitglieder". On the page itself, not in a list
# of others; and not of who may comment on it.
_WALL = re.compile(
    r"^(?!.*(?:comment|kommentar|coment|forum)).*?(?:\b(?:cet?(?:te)?|this|diese[rs]?|est[ea]|quest[oa])\s(?:\w+\s)?(?:article|contenu"
    r"|texte?|post|story|content|page|beitrag|artikel|inhalt|contenido|art[ií]culo|texto|conte[uú]do|artigo|contenuto|articolo)"
    r"\b|\b(?:la suite|the rest|der rest|(?:il|el|o) resto)\b).{0,60}?\b(?:(?:r[eé]serv|riservat|reservad|exclusi[vf]|only)\w*"
    r"|(?:is|ist|est|es|è|é)\s(?:\w+\s){0,2}?(?:for|f[üu]r|pour|para|per))\s"
    r".{0,30}?\b(?:abonn|abbonat|suscript|subscri|assinant|mitglied|members?\b|membr[eio]|soci[oi]s?\b|miembr|adh[eé]rent)",
    re.I,
)
_PAYING = re.compile("abonn|abbonat|suscript|subscri|assinant|mitglied|membe?r|soci|miembr|adh")
"""Of text in lower case: without one of these ``_WALL`` finds nothing, and it takes long to find that."""

_HOST = re.compile(r"\s*https?://(?:[^/?#@]*@)?(?:[^/?#:]*\.)?([^./?#:]+\.[^./?#:]+)(?::\d+)?(?:[/?#]|$)", re.I)
# What a link leads to that is no page.
PAPER = re.compile(r"\.(?:pdf|docx?|odt|rtf|epub|xlsx?|ods|csv|zip|mp3)(?:$|[?#])", re.I)
_NETWORKS = re.compile(
    r"(?:facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|instagram|telegram|tumblr|flipboard|youtube|tiktok|threads"
    r"|bsky|xing|messenger|snapchat|vk|pocket|getpocket|mix|diigo|scoop)\.\w+$|(?:t|wa|m)\.me$"
)


@lru_cache(maxsize=20_000)
def named_otherwise(names: str) -> tuple[bool, bool]:
    """Whether class and id say: comments or a consent banner; anything else that is not the article."""
    if _POST.search(names):
        names = _SUBJECT.sub(" ", names)
    names = CAMEL.sub("-", _STYLING.sub(" ", names[:500])).lower().replace("_", "-")
    return bool(_COMMENTS.search(names) or _CONSENT.search(names)), bool(_OTHER.search(names))


def appeals(text: str) -> bool:
    """Whether a text asks the reader for something: to subscribe, to give, to share."""
    return bool(_APPEAL.search(text.lower()))


def names_a_wall(line: str) -> bool:
    """Whether a line says that what follows is for subscribers."""
    return bool(_PAYING.search(line.lower()) and _WALL.search(line))


def domain(url: str) -> str:
    """What tells sites apart: the last two labels of an address's host, "" where it has none."""
    match = _HOST.match(url)
    return match[1].lower() if match else ""


def own_domains(addresses: Iterable[str], links: Iterable[str]) -> set[str]:
    """The site's domains: of its own addresses, and one that more than a third of a page's links lead to."""
    led = Counter(domain(link) for link in links)  # "" where a link names no host
    total = led.total()
    return {domain(url) for url in addresses} | {one for one, count in led.items() if 3 * count > total} - {""}


def leads_elsewhere(links: Iterable[str], own: Container[str]) -> bool:
    """Whether most of these links lead to other sites than ``own`` (domains), and to no network to share in, or to papers:
    sources."""
    found = [(domain(link), PAPER.search(link)) for link in links]
    return 2 * sum(bool(paper or (one and one not in own and not _NETWORKS.match(one))) for one, paper in found) > len(
        found
    )
