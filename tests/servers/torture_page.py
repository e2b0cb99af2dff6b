"""A Document with every kind of block and inline markup, and every text a content management system likes to improve."""

from __future__ import annotations

from ivpipe.model import Block, BlockType, Document, Image, Note

P, H, LI, Q = BlockType.PARAGRAPH, BlockType.HEADING, BlockType.LIST_ITEM, BlockType.QUOTE


def ref(label: str) -> str:
    return f'<sup class="note-ref" data-note="{label}">{label}</sup>'


QUAYS = "https://semaine.example/images/quais.jpg"
HARBOUR = "https://semaine.example/images/port.jpg"
CRANES = "https://semaine.example/images/grues.jpg"

_TEXTS = (
    """Elle dit "non", puis 'oui' ; l'eau, l’eau, “là”, «ici» et `là-bas`, ''encore'' et ``enfin''.""",
    "Deux tirets -- trois --- un - seul – demi — cadratin, de 1990-1995, xn--idn, e-mail, -5 °C et - 5.",
    "Trois points... ou quatre.... ou … et la marque (tm), (c), (r), ½, 1/2, 9x9, 0x99, 2.5x3, 10 x 10, 5&#215;5.",
    "En '68, dans les années '80s, 6'2\" de haut, 'tis 'em 'cause 'til, rock 'n' roll, \"'imbriqué'\".",
    '[gallery] [caption id="x"]texte[/caption] [[double]] [embed]https://video.example/watch?v=1[/embed] [1] [/fin]',
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "http://semaine.example/seule",
    "<!--more--> <!--nextpage--> <!-- wp:html --> <!-- /wp:paragraph --> -->",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt; &amp;amp; &nbsp; &#8217; &eacute; & <p> </p> a<b>c",
    ":) :-( ;-) 8-) 8O :lol: :mrgreen: :D :? :| (8) note : deux points ; point-virgule ; 10:30 et 8-0",
    "Wordpress (Wordpress “Wordpress et WordPress, wordpress.",
    "😀 👩‍👩‍👧 🇪🇺 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 雨。 שלום مرحبا №\u00a05\u202f000 «\u00a0oui\u00a0» %20 %% %s $1 \\1 \\\\n \\'",
    "{{x}} {x} ~~~ ___ *** ### // /* */ | = + @ ^",
    "javascript:alert(1) data:text/html;base64,xx mailto:a@b.org www.semaine.example a@b.example",
)


def torture_page(*, pictures: bool = True) -> Document:
    """The page; without ``pictures`` its figures have captions only."""
    body = [Block(P, text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")) for text in _TEXTS]
    body[3:3] = [
        Block(H, "Un port, des grues & du vent".replace("&", "&amp;"), 2),
        Block(P, f"Une phrase avec une note.{ref('1')} Une autre{ref('2')}, et la première encore{ref('1')}."),
        Block(H, "Troisième <em>niveau</em> -- « ici »", 3),
        Block(H, "Quatrième", 4),
        Block(H, "Cinquième", 5),
        Block(H, "Sixième", 6),
    ]
    body += [
        Block(
            P,
            "<em>Italique</em>, <strong>gras</strong>, <strong><em>les deux</em></strong>, H<sub>2</sub>O, "
            "n<sup>o</sup> 5, <q>citation</q>, <cite>L’Œuvre</cite>, "
            "<code>if (a &lt; b) { x -- }</code>, <code>[gallery]</code>, "
            '<span lang="la">ad hoc</span>, <span class="small-caps">Louise Michel</span>, '
            '<span lang="en" class="small-caps">both</span>',
        ),
        Block(
            P,
            '<a href="https://semaine.example/a?b=1&amp;c=2#d">lien</a> '
            '<a href="https://semaine.example/%5Bx%5D/l&#x27;eau">apostrophe</a> '
            '<a href="https://semaine.example/?q[]=1&amp;r[x]=2">crochets</a> '
            '<a href="mailto:redaction@semaine.example">courriel</a> '
            '<a href="https://fr.example/Wordpress_(Wordpress)">parenthèses</a> '
            '<a href="https://a.example/"><em>italique</em> et texte</a> '
            '<a href="https://a.example/x">https://a.example/x</a> <a href="https://a.example/--x">a -- b -&gt; c</a>',
        ),
        Block(P, "Une ligne<br>la suivante<br><br>après un vide"),
        Block(P, "<strong>– Que dites-vous ?</strong>", role="question"),
        Block(P, "Rien.", lang="en"),
        Block(P, "هذا نص عربي، و«فيه» <em>مائل</em>.", lang="ar"),
        Block(LI, "premier <em>point</em>", 1),
        Block(LI, "deuxième", 1, joined=True),
        Block(LI, "sous-point -- un", 2, joined=True),
        Block(LI, "plus bas", 3, True, joined=True),
        Block(LI, "sous-point deux", 2, joined=True),
        Block(LI, "troisième<br>sur deux lignes", 1, joined=True),
        Block(LI, "une autre liste", 1),
        Block(LI, "un", 1, True),
        Block(LI, "deux", 1, True, True),
        Block(Q, "On tient, dit-elle.", quoted=True),
        Block(Q, "Encore une phrase -- et l'autre.", joined=True, quoted=True),
        Block(Q, "Claire Morvan", joined=True, quoted=True, role="attribution"),
        Block(Q, "Une autre citation.", quoted=True),
        Block(LI, "liste citée", 1, quoted=True),
        Block(BlockType.VERSE, "Le vent se lève !… il faut<br>tenter de vivre -- l'air<br><br>immense", quoted=False),
        Block(BlockType.RULE),
        Block(
            BlockType.CODE,
            "for (i = 0; i &lt; 3; i++) {\n\n    print(\"[gallery] -- 'x' ...\");  // :)\n\thttps://a.example/seule\nhttps://a.example/seule\n}",
        ),
        Block(
            BlockType.TABLE,
            '<table><caption>Salaires -- l\'an dernier</caption><tr><th>Port</th><th colspan="2">"Dockers"</th></tr>'
            '<tr><td rowspan="2">Valmare</td><td>1 200</td><td><em>9x9</em></td></tr>'
            "<tr><td>a<br>b</td><td>[1]</td></tr></table>",
        ),
        Block(BlockType.TABLE, "<table><tr><th>Nord</th><td>1</td></tr><tr><th>Sud</th><td>2</td></tr></table>"),
        Block(BlockType.FIGURE, "Les quais, l'été -- <em>vus</em> du pont", image=0),
        Block(BlockType.FIGURE, "", image=1),
        Block(P, '<a href="https://video.example/watch?v=1">Le film (YouTube)</a>', role="embed"),
        Block(P, "Paris, le 12 juin 2025", role="signature"),
        Block(P, "Claire Morvan est docker à Valmare.", role="author_note"),
        Block(P, "Traduit par l'équipe.", role="translator_note"),
    ]
    images = (
        Image(
            QUAYS, 'Des quais -- "vides" [1]', "Les quais, l'été -- <em>vus</em> du pont", "Photo : A. B. -- l'agence"
        ),
        Image(HARBOUR, "", "", ""),
    )
    if not pictures:
        body = [block for block in body if block.type is not BlockType.FIGURE]
        images = ()
    return Document(
        url="https://semaine.example/port",
        title='L\'été -- "9x9" : <em>le port</em> [gallery]… Wordpress :)',
        lang="fr",
        kicker="Ports & docks".replace("&", "&amp;"),
        standfirst="Trois semaines -- l'attente [caption].",
        authors=("Claire O'Morvan",),
        blocks=tuple(body),
        notes=(
            Note("1", "L'auteur -- <em>op. cit.</em>, p. 12... [gallery]"),
            Note("2", 'Voir <a href="https://a.example/?a[]=1">ici</a>, et la note précédente :)'),
        ),
        images=images,
    )
