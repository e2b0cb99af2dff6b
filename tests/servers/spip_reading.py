"""What SPIP shows, read back into blocks, and what was meant, read in the same way: the two must be the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement

from ivpipe.model import Block, Document
from ivpipe.text.html_reader import BlockReader
from ivpipe.text.html_writer import write_document
from ivpipe.text.inline_reader import NOTE_REF, read_inline

_URL = "https://revue.example/"
_TIGHT = re.compile(r"[ \u00a0\u202f\u2009]*((?:<[^<>]*>)*)(?=[;:!?»%])")
_AFTER = re.compile(r"«((?:<[^<>]*>)*)[ \u00a0\u202f\u2009]*")


@dataclass(frozen=True)
class Shown:
    """A text and its notes as readers get them."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[str, str], ...]


def meant(document: Document) -> Shown:
    """A document as ``html_writer`` shows it; notes in the order of their first mark, those without one at the end."""
    written = write_document(document, note_id="note")
    body = _tree(f"<p>{written.standfirst}</p>{written.body}")
    order: list[str] = []
    for mark in body.xpath('.//sup[@class="note-ref"]'):
        link = mark.find("a")
        if link is None:
            mark.attrib.clear()
            continue
        number = link.get("href").rpartition("-")[2]
        order += [] if number in order else [number]
        _refer(mark, f"n{order.index(number) + 1}")
    notes: list[tuple[str, str]] = []
    items = {item.get("id").rpartition("-")[2]: item for item in _tree(written.notes).xpath(".//li")}
    for number in [*order, *(number for number in items if number not in order)]:
        item = items[number]
        for extra in item.xpath('./a[@class="back"] | ./span[@class="note-label"]'):
            extra.drop_tree()
        for mark in item.xpath('.//sup[@class="note-ref"]'):
            label = mark.text_content()
            mark.clear(keep_tail=True)
            mark.text = label
        label = document.notes[int(number) - 1].label.strip("[]() .") or number
        if number not in order:
            item.text = f"{label} {item.text or ''}"
            label = ""
        notes.append((label, read_inline(item, _URL, lang=document.lang)))
    return _levelled(Shown(_blocks(body, document.lang), tuple(notes)), document.lang)


def shown(body: str, notes: str, lang: str) -> Shown:
    """What SPIP's ``#TEXTE`` and ``#NOTES`` hold."""
    tree = _tree(body)
    for line in tree.xpath('.//blockquote[@class="spip_poesie"]/div'):
        if not line.text_content().strip():  # an empty line, which SPIP fills with a space to give it height
            line.clear(keep_tail=True)
            line.tag = "br"
    order: list[str] = []
    for mark in tree.xpath('.//span[@class="spip_note_ref"]'):
        anchor = mark.find("a").get("href")
        order += [] if anchor in order else [anchor]
        _refer(mark, f"n{order.index(anchor) + 1}")
    found = []
    for note in _tree(notes).xpath('./div[starts-with(@id, "nb")]'):
        label = ""
        for mark in note.xpath('.//span[@class="spip_note_ref"]'):
            label = mark.find("a").text_content()
            mark.drop_tree()
        found.append((label, read_inline(note, _URL, lang=lang)))
    return _levelled(Shown(_blocks(tree, lang), tuple(found)), lang)


def plain_title(html: str, lang: str) -> str:
    """A title's text, white space folded, without what typography changes."""
    return _level(" ".join(escape(_tree(html).text_content(), quote=False).split()), lang)


def _tree(html: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(html, create_parent="div")


def _refer(mark: HtmlElement, label: str) -> None:
    mark.clear(keep_tail=True)
    mark.tag = NOTE_REF
    mark.set("label", label)


def _blocks(tree: HtmlElement, lang: str) -> tuple[Block, ...]:
    reader = BlockReader(_URL, lang)
    reader.read(tree)
    return tuple(reader.blocks)


def _levelled(what: Shown, lang: str) -> Shown:
    """Without what SPIP's typography changes on all of a site: apostrophes, and spaces that do not break."""
    blocks = tuple(replace(block, html=_level(block.html, lang)) for block in what.blocks)
    return Shown(blocks, tuple((label, _level(text, lang)) for label, text in what.notes))


def _level(html: str, lang: str) -> str:
    parts = re.split(r"(<[^<>]*>)", html.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " "))
    html = "".join(part if at % 2 else part.replace("'", "’") for at, part in enumerate(parts))
    if lang.startswith("fr"):
        html = _AFTER.sub(r"«\1", _TIGHT.sub(r"\1", html))
    return re.sub(" {2,}", " ", html).strip()


RENDER = """
include_spip('inc/texte'); include_spip('inc/lang'); $notes = charger_fonction('notes', 'inc'); $out = [];
foreach ($given as [$lang, $title, $standfirst, $text]) {
    $GLOBALS['lang_objet'] = $GLOBALS['spip_lang'] = $lang;
    $GLOBALS['les_notes'] = ''; $GLOBALS['compt_note'] = 0; $GLOBALS['notes_vues'] = [];
    $html = interdire_scripts(propre($standfirst, '')) . interdire_scripts(propre($text, ''));
    $out[] = [interdire_scripts(typo($title, true, '')), $html, interdire_scripts($GLOBALS['les_notes'] ?? '')];
    $GLOBALS['les_notes'] = '';
}
return $out;
"""
"""PHP that renders language, title, standfirst and text as #TITRE, #CHAPO with #TEXTE, #NOTES are on a public page."""
