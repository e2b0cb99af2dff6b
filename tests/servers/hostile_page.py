"""A page whose every text is hostile: to a browser, and to what content management systems make of text."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import PAGE

from ivpipe.model import Block, BlockType, Image, Note, Page

HOSTILE = (
    "<script>pwned(1)</script><img src=x onerror=pwned(2)><iframe srcdoc='<script>parent.pwned(3)</script>'></iframe>"
    "<svg onload=pwned(4)><a href='javascript:pwned(5)'>x</a><form action=//evil.example><button>y</button></form>"
    "[pwn] [pwn]x[/pwn] [embed]https://evil.example/[/embed] [gallery ids=1] <!--more--> <!-- wp:html --><script>pwned(6)"
    "</script><!-- /wp:html --> <!-- wp:pwn/pwn /--> &lt;script&gt;pwned(7)&lt;/script&gt; </p></div></article>\"'><script>"
)
INLINE = (
    '<a href="javascript:pwned(8)">one</a> <a href="https://evil.example/&quot; onmouseover=&quot;pwned(9)">two</a> '
    '<span lang="x&quot; onclick=&quot;pwned(10)">three</span> <a href="data:text/html,x" title="&quot;&gt;[pwn]">four</a>'
)


def hostile_page() -> Page:
    """A page whose every text is hostile."""
    blocks = [Block(kind, html, level=2, image=0) for kind in BlockType for html in (HOSTILE, INLINE)]
    document = replace(
        PAGE.document,
        title=HOSTILE,
        kicker=HOSTILE,
        standfirst=HOSTILE,
        blocks=(*blocks, Block(BlockType.PARAGRAPH, "https://evil.example/watch?v=1")),
        notes=(Note(HOSTILE, HOSTILE), Note("2", INLINE)),
        images=(Image("javascript:pwned(11)", HOSTILE, HOSTILE, HOSTILE),),
    )
    names = "country edition correction_html attribution_html postscript_html copyright licence original_title section"
    return replace(
        PAGE,
        document=document,
        byline=(HOSTILE,),
        keywords=(HOSTILE,),
        original_url="javascript:pwned(12)",
        original_published=HOSTILE,
        **dict.fromkeys(names.split(), HOSTILE),
    )
