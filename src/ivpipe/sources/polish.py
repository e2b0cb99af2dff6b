"""Blocks as they were read → the article's blocks: what is left of the page's furniture goes, roles are told."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from ivpipe.model.document import Block, BlockType
from ivpipe.sources.dates import iso_date
from ivpipe.sources.furniture import READ_ALSO, appeals, leads_elsewhere
from ivpipe.text.inline import inline_text
from ivpipe.text.plain import squeeze

_ALL_STRONG = re.compile(r"<strong>(?:(?!</?strong>).)*</strong>\s*[:?]?$", re.S)
_QUESTION_END = re.compile(r"\?[\s\u00a0\u202f»”\"]*$")
_TRANSLATOR = re.compile(
    r"^\W*(?:traduit\b|traduction\b|texte traduit|translated (?:by|from)|translation\s*:|traducci[oó]n\b|traducido"
    r"|aus dem \w+ (?:übersetzt|von)|übersetz(?:t|ung)\b|tradotto|traduzione\b|traduzido"
    r"|n\.? ?d\.? ?t\.?(?!\w)|not[ae] d(?:u|e la|el|ell[ao]|o|a) tradu[ct]\w+|anm(?:\.|erkung) d(?:\.|er|es) ü)",
    re.I,
)
_AUTHOR_NOTE = re.compile(
    r"\s(?:est|sont|is|are|ist|sind|es|son|é|è|sono|arbeitet|enseigne|teaches|lehrt|vient de publier)\s", re.I
)
# "Léa Martin est historienne …": a name, then what the person is.
_BIO = re.compile(
    r"^[^\W\d_][\w'’-]*(?:\s[\w'’.-]+){1,4}\s(?:est|is|ist|es|è|é|enseigne|teaches|lehrt|arbeitet)\s"
    r"(?:une?\b|un\b|an?\b|the\b|ein|docteure?|chercheu|histori|journalist|professeure?|profesor|ma[iî]tre|autrice|auteure?"
    r"|writer|author|professor|membre|member|sociolog|philosoph|[ée]crivain|traduct|l['’])",
    re.I,
)
_CREDIT = re.compile(
    r"^\W*(?:photo|foto|fotograf|image|imagen|immagine|imagem|bild|illustration|ilustra|cr[eé]dit)[\w ]{0,30}[:©]", re.I
)
_SITE = re.compile(r"\s+[|·•»–—-]\s.{2,40}$")
_SPEAKER = re.compile(r"<strong>([^<]{1,40}?)\s*(?:[:—–]\s*</strong>|</strong>\s*[:—–])\s*\S")
_WORD = re.compile(r"\w")
_LABEL = re.compile(r"(?:p\.?\s?-?\s?s\.?|post-?scriptum|postscript|nota bene|n\.?\s?b\.?)\s?:?", re.I)
_HREF = re.compile(r'<a href="([^"]*)"')
_BULLET = re.compile(r"[·•▪●■◦‣]\s*(?=\S)")
_PICTOGRAMS = re.compile("[\U0001f300-\U0001faff\ufe0f\\s]+")
_LABEL_LENGTH = 40
_RUNNING, _LONGEST_LINE = 300, 90
_CLOSING = ("author_note", "translator_note", "postscript")
_BY = re.compile(r"(?:[Pp]ar|[Bb]y|[Vv]on|[Pp]or|[Dd]i)\s+[A-ZÀ-Ý]")
_ALL_EM = re.compile(r"<em>(?:(?!</?em>).)*</em>[.]?$", re.S)
_FURNITURE = re.compile(
    r"^(?:\W*(?:anzeige|advert(?:isement)?|publicit[eé]|publicidad|werbung|pubblicit[aà]|partager|share|teilen"
    r"|compartir|imprimer|print|drucken|kommentare?|comments?|commentaires?|\d+ (?:min|minutes?)(?: de lecture"
    r"| read)?|temps de lecture.{0,20}|tags?(?:\s*:.*)?|mots[- ]cl[eé]s\s*:.*|themen\s*:.*|sources?\s*:?"
    r"|quelle\s*:.{0,40}|(?:(?:noch|bisher|keine|aucun|no|nessun|nenhum|sin|\d+) )+"
    r"(?:comments|responses?|kommentare?|commentaires?|coment\w+|comment[io])(?: (?:yet|so far|vorhanden))?"
    r"|(?:laisse[rz]|leave|hinterlass\w*|schreib\w*|dej[ae]|deixe|lascia) .{0,15}(?:comment|kommentar|coment)\w*"
    r"|\(?(?:(?:cr[eé]dits? )?(?:photos?|fotos?|bild(?:er)?|image)|cr[eé]dits?)\s*:.{0,80}"
    r"|image (?:copyright|caption)\b.{0,60})\W*)$",
    re.I,
)
# What stands in the place of an embedded post or film until the reader agrees to load it.
_CONSENT = re.compile(
    r"\W*(?:an dieser stelle (?:finde|steh|befinde).{0,60}(?:extern|inhalt)|du kannst ihn dir mit einem klick"
    r"|um eingebettete inhalte|ein klick f[üu]r den datenschutz|ich bin (?:damit )?einverstanden, dass mir"
    r"|personenbezogene daten k[öo]nnen an dritt|\S{2,20}-?inhalte erlauben|link zum \S{2,20}-?inhalt"
    r"|(?:ende der )?weitere[nr]? informationen$|(?:personen-)?box (?:auf|zu)klappen|dieses thema im programm"
    r"|(?:ce|le) contenu (?:est|a [ée]t[ée]) bloqu|pour (?:afficher|voir|lire) ce contenu|en cliquant sur .{0,40}vous acceptez"
    r"|(?:to|in order to) (?:view|see|display) this (?:content|embed|video)|this content is hosted"
    r"|we need your permission to load|wir respektieren (?:deine|ihre) privatsph|deine privatsph[äa]re-?einstellungen verhindern"
    r"|para (?:ver|visualizar) este contenido|este contenido (?:est[áa] bloqueado|se carga)"
    r"|per (?:vedere|visualizzare) questo contenuto)",
    re.I,
)
_PLAIN = frozenset({BlockType.PARAGRAPH, BlockType.HEADING, BlockType.LIST_ITEM})
_TEXTUAL = frozenset(
    {BlockType.PARAGRAPH, BlockType.LIST_ITEM, BlockType.QUOTE, BlockType.VERSE, BlockType.TABLE, BlockType.CODE}
)


def polish(
    blocks: Sequence[Block],
    *,
    title: str,
    standfirst: str,
    kicker: str,
    authors: Sequence[str],
    pulled: set[int],
    own: Container[str],
) -> list[Block]:
    """Return the blocks of the article proper, with roles. ``pulled``: indices of pull quotes; ``own``: the site's domains."""
    texts = [_text(block) for block in blocks]
    keep = _without_repeated_pull_quotes(texts, pulled)
    kept = [(block, text) for at, (block, text) in enumerate(zip(blocks, texts, strict=True)) if at in keep]
    kept = _without_head(kept, title, standfirst, kicker, authors)
    kept = [
        (block, text)
        for block, text in kept
        if not (block.type in _PLAIN and len(text) < 500 and _CONSENT.match(text))
        and not _PICTOGRAMS.fullmatch(text)
        and not (
            block.type in (BlockType.PARAGRAPH, BlockType.HEADING, BlockType.LIST_ITEM)
            and not block.role
            and len(text) < 90
            and _FURNITURE.match(text)
        )
    ]
    kept = _without_repeated_captions(kept)
    kept = _without_tail(kept, own)
    result = _levels(_with_bold_headings(_with_typed_lists([block for block, _ in kept])))
    return _with_roles(result, authors)


def _text(block: Block) -> str:
    return (
        re.sub(r"<[^>]*>", " ", block.html).strip()
        if block.type is BlockType.TABLE
        else inline_text(block.html).strip()
    )


def _without_repeated_pull_quotes(texts: list[str], pulled: set[int]) -> set[int]:
    """Indices of the blocks to keep: a pull quote that only repeats the text is for the eye."""
    keep = set(range(len(texts)))
    if pulled:
        rest = squeeze(" ".join(text for at, text in enumerate(texts) if at not in pulled))
        dropped = {at for at in pulled if len(texts[at]) > 20 and squeeze(texts[at]) in rest}
        # The name under a repeated quotation goes with it.
        dropped |= {at for at in pulled if len(texts[at]) < 80 and at - 1 in dropped}
        keep -= dropped
    return keep


def _without_repeated_captions(kept: list[tuple[Block, str]]) -> list[tuple[Block, str]]:
    """Without paragraphs below a picture that only say its caption again, as galleries do for narrow screens."""
    result: list[tuple[Block, str]] = []
    captions = ""
    for block, text in kept:
        if block.type is BlockType.FIGURE:
            captions += squeeze(text) + "\n"
        elif len(text) > _LABEL_LENGTH:
            if captions and block.type is BlockType.PARAGRAPH and squeeze(text) in captions:
                continue
            captions = ""
        result.append((block, text))
    return result


def _without_head(
    kept: list[tuple[Block, str]], title: str, standfirst: str, kicker: str, authors: Sequence[str]
) -> list[tuple[Block, str]]:
    """Without what stands above the text: the title again, kicker, byline, date, standfirst."""
    wanted = squeeze(title)
    known = {squeeze(inline_text(standfirst)), squeeze(inline_text(kicker)), wanted} - {""}
    for at, (block, text) in enumerate(kept[:12]):
        named = text.startswith(title) and _SITE.match(text, len(title))
        if block.type is BlockType.HEADING and wanted and (squeeze(text) == wanted or named):
            above = kept[:at]
            if not any(one.type is BlockType.PARAGRAPH and len(before) > _RUNNING for one, before in above):
                above = [one for one in above if one[0].type is BlockType.FIGURE]
            kept = above + kept[at + 1 :]
            break
    result: list[tuple[Block, str]] = []
    reading = False
    for block, text in kept:
        if not reading and block.type is not BlockType.FIGURE and block.role != "embed":
            if (
                squeeze(text) in known
                or block.type is BlockType.RULE
                or (len(text) < 160 and _is_byline(text, authors))
            ):
                continue
            if block.type in _TEXTUAL and len(text) > 60:
                reading = True
        result.append((block, text))
    return result


def _is_byline(text: str, authors: Sequence[str]) -> bool:
    rest = text
    for name in authors:
        rest = re.sub(re.escape(name), "", rest, flags=re.I)
    named = rest != text
    dated = bool(iso_date(text))
    if named or dated:
        most = 60 if dated or _BY.match(text) else 25
        return len(squeeze(rest)) < most and not re.search(r"[.!?]\s+\w+\s+\w+\s+\w+\s+\w+", rest)
    return bool(_BY.match(text)) and len(text) < 80 and text[-1] not in ".!?"


def _without_tail(kept: list[tuple[Block, str]], own: Container[str]) -> list[tuple[Block, str]]:
    """Without what hangs below the text: headings over nothing, rules, appeals, lists of links."""
    end = len(kept)
    while end and _hangs_below(*kept[end - 1], own):
        end -= 1
    start = 0
    while start < end and kept[start][0].type is BlockType.RULE:
        start += 1
    kept = kept[start:end]
    result: list[tuple[Block, str]] = []
    for at, (block, text) in enumerate(kept):
        following = kept[at + 1][0] if at + 1 < len(kept) else None
        if (
            block.type is BlockType.HEADING
            and READ_ALSO.match(text)
            and following is not None
            and following.type is not BlockType.PARAGRAPH
        ):
            continue
        result.append((block, text))
    return result


def _hangs_below(block: Block, text: str, own: Container[str]) -> bool:
    """Whether the last block is no part of the article's text."""
    if block.type in (BlockType.HEADING, BlockType.RULE):
        return True
    return (
        block.type in (BlockType.PARAGRAPH, BlockType.LIST_ITEM)
        and not block.role
        and bool(
            READ_ALSO.match(text)
            or not _WORD.search(text)
            or (len(text) < 300 and appeals(text))
            or (
                len(text) < 200
                and _linked(block.html) > 0.8 * len(text)
                and not leads_elsewhere(_HREF.findall(block.html), own)
            )
        )
    )


def _with_typed_lists(blocks: list[Block]) -> list[Block]:
    """With lists where paragraphs begin with a bullet, as those pasted from Word do; one alone may be a mark of another kind."""
    result = list(blocks)
    items = [
        block.type is BlockType.PARAGRAPH and not block.role and bool(_BULLET.match(block.html)) for block in blocks
    ]
    for at, block in enumerate(blocks):
        before, after = at > 0 and items[at - 1], items[at + 1 : at + 2] == [True]
        if items[at] and (before or after):
            html = _BULLET.sub("", block.html, count=1)
            result[at] = replace(block, type=BlockType.LIST_ITEM, html=html, level=1, joined=before)
    return result


def _with_bold_headings(blocks: list[Block]) -> list[Block]:
    """With headings where a bold line stands alone between paragraphs. Where one comes again, they say who speaks."""
    bold = {at: block.html for at, block in enumerate(blocks) if _is_bold_line(block)}
    if len({*bold.values()}) < len(bold):
        return blocks
    asked = sum(html.endswith("?</strong>") for html in bold.values()) > 1  # an interview
    level = 3 if any(block.type is BlockType.HEADING for block in blocks) else 2
    result = list(blocks)
    for at, html in bold.items():
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        if (
            at > 0
            and blocks[at - 1].type is not BlockType.HEADING
            and following is not None
            and following.type is BlockType.PARAGRAPH
            and len(following.html) > _LABEL_LENGTH
            and at + 1 not in bold
            and not (asked and html.endswith("?</strong>"))
        ):
            result[at] = replace(blocks[at], type=BlockType.HEADING, level=level)
    return result


def _is_bold_line(block: Block) -> bool:
    return (
        block.type is BlockType.PARAGRAPH
        and not block.role
        and block.html.startswith("<strong>")
        and block.html.endswith("</strong>")
        and bool(_ALL_STRONG.match(block.html))
        and 2 < len(text := inline_text(block.html).strip()) < _LONGEST_LINE
        and text[-1] not in '.!…:;,»”"'
    )


def _linked(html: str) -> int:
    return sum(len(part) for part in re.findall(r"<a [^>]*>(.*?)</a>", html))


def _levels(blocks: list[Block]) -> list[Block]:
    """Headings without redundant bold; every list and quote begins where its first block does."""
    result: list[Block] = []
    for block in blocks:
        if block.type is BlockType.HEADING and _ALL_STRONG.match(block.html) and block.html.endswith("</strong>"):
            block = replace(block, html=block.html.removeprefix("<strong>").removesuffix("</strong>"))
        if block.joined and (not result or not (result[-1].type is block.type or (block.quoted and result[-1].quoted))):
            block = replace(block, joined=False)
        result.append(block)
    return result


def _with_roles(blocks: list[Block], authors: Sequence[str]) -> list[Block]:
    questions = [
        at
        for at, block in enumerate(blocks)
        if block.type is BlockType.PARAGRAPH
        and not block.role
        and _ALL_STRONG.match(block.html)
        and _QUESTION_END.search(inline_text(block.html))
    ]
    questions = questions if len(questions) >= 2 else _asked(blocks)
    if len(questions) >= 2:
        for at in questions:
            blocks[at] = replace(blocks[at], role="question")
    last = len(blocks)
    for at in range(last - 1, max(-1, last - 6), -1):
        block = blocks[at]
        if block.type is not BlockType.PARAGRAPH or block.role or at == 0:
            if block.type in (BlockType.FIGURE, BlockType.RULE) or block.role in _CLOSING:
                continue
            break
        if _CREDIT.match(text := inline_text(block.html).strip()) and len(text) < 200:
            continue
        role = _closing_role(text, block.html, authors)
        if not role:
            break
        blocks[at] = replace(block, role=role)
    return blocks


def _asked(blocks: Sequence[Block]) -> list[int]:
    """What the interviewer says, where each paragraph begins with who speaks: most of it ends with a question mark."""
    turns: dict[str, list[int]] = {}
    for at, block in enumerate(blocks):
        if block.type is BlockType.PARAGRAPH and not block.role and (match := _SPEAKER.match(block.html)):
            turns.setdefault(match[1].strip(), []).append(at)
    asking = [
        name
        for name, turn in turns.items()
        if 2 * sum(bool(_QUESTION_END.search(inline_text(blocks[at].html))) for at in turn) > len(turn) >= 2
    ]
    return turns[asking[0]] if len(asking) == 1 and len(turns) > 1 else []


def as_postscript(block: Block, authors: Sequence[str]) -> Block:
    """A block from where the site keeps what stands under an article: the author's note, a translator's, or another."""
    text = inline_text(block.html)
    if block.type is not BlockType.PARAGRAPH or block.role or not text.strip():
        return block
    role = _closing_role(text.strip(), block.html, authors)
    named = any(name.split()[-1].lower() in text.lower() for name in authors if name.split())
    if named and (not role or (role == "signature" and len(text.split()) > 6)):
        role = "author_note"
    return replace(block, role=role or "postscript")


def is_postscript_label(block: Block) -> bool:
    """Whether a block is only the site's heading over the postscript."""
    return bool(_LABEL.fullmatch(inline_text(block.html).strip()))


def _closing_role(text: str, html: str, authors: Sequence[str]) -> str:
    if _TRANSLATOR.match(text) and len(text) < 300:
        return "translator_note"
    surnames = [name.split()[-1].lower() for name in authors if name.split()]
    named = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.lower()) for name in surnames)
    apart = html.startswith(("<em>", "<strong>", "*")) or text.startswith("*")
    if named and len(text) < 600 and _AUTHOR_NOTE.search(text) and (apart or (text[0].isupper() and _BIO.match(text))):
        return "author_note"
    if apart and len(text) < 600 and any(text.strip("*—– ").lower().startswith(name.lower()) for name in authors):
        return "author_note"
    if apart and _ALL_EM.match(html) and 60 < len(text) < 600:
        return "postscript"
    if len(text) < 100 and not re.search(r"[.!?»]\s*\w+\s\w+\s\w+", text):
        bare = text.strip(" ()[]*—–-,.")
        if any(squeeze(name) == squeeze(bare) for name in authors):
            return "signature"
        if (date := iso_date(text)) and len(re.sub(r"[\d\W]", "", text)) < 45 and date:
            return "signature"
        if named and len(text) < 80:
            return "signature"
    return ""
