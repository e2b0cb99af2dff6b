"""The words of the trade: mapped classes, values and the life cycle. No session, no network.

Importing this package maps every table, so that ``Base.metadata`` is whole.
"""

from ivpipe.model.article import Article, Decision, DocumentVersion, FeedState, Snapshot, Source
from ivpipe.model.base import Base
from ivpipe.model.document import Block, BlockType, Document, Image, Note
from ivpipe.model.doubt import ArticleDoubt, Doubt, DoubtDecision, DoubtKind
from ivpipe.model.edition import Edition
from ivpipe.model.languages import LanguagePair
from ivpipe.model.lifecycle import Actor, Event, Policy, Role, State
from ivpipe.model.magazine import Magazine, SourceCredit
from ivpipe.model.memory import (
    EngineUse,
    MachineTranslation,
    MemoryEntry,
    MemoryPiece,
    MemoryUnit,
    MemoryWord,
    UseState,
)
from ivpipe.model.operations import Run
from ivpipe.model.page import Page, Picture, Sibling
from ivpipe.model.people import (
    Counted,
    DeskSession,
    KnownBrowser,
    LoginCounter,
    PersonEvent,
    PersonEventKind,
    User,
)
from ivpipe.model.picture import ArticlePicture
from ivpipe.model.publication import Publication
from ivpipe.model.translation import (
    Change,
    Draft,
    DraftSegment,
    Issue,
    Origin,
    Review,
    SegmentEdit,
    Severity,
    Translation,
)

__all__ = [
    "Actor",
    "Article",
    "ArticleDoubt",
    "ArticlePicture",
    "Base",
    "Block",
    "BlockType",
    "Change",
    "Counted",
    "Decision",
    "DeskSession",
    "Document",
    "DocumentVersion",
    "Doubt",
    "DoubtDecision",
    "DoubtKind",
    "Draft",
    "DraftSegment",
    "Edition",
    "EngineUse",
    "Event",
    "FeedState",
    "Image",
    "Issue",
    "KnownBrowser",
    "LanguagePair",
    "LoginCounter",
    "MachineTranslation",
    "Magazine",
    "MemoryEntry",
    "MemoryPiece",
    "MemoryUnit",
    "MemoryWord",
    "Note",
    "Origin",
    "Page",
    "PersonEvent",
    "PersonEventKind",
    "Picture",
    "Policy",
    "Publication",
    "Review",
    "Role",
    "Run",
    "SegmentEdit",
    "Severity",
    "Sibling",
    "Snapshot",
    "Source",
    "SourceCredit",
    "State",
    "Translation",
    "UseState",
    "User",
]
