"""Turns as a Word document: headings, lists and quotations in the styles that Word has for them.

Every stretch of text says its language, so that spelling is checked in French and in English.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from docx import Document as new_document
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from rag.export.sheet import Entry, Source
from rag.export.text import in_marks, said
from rag.types import Language

_LOCALES: dict[Language, str] = {"fr": "fr-FR", "en": "en-GB"}
_FONT = "Georgia"
_INK, _SOFT = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x59, 0x59, 0x59)


def render(entries: Sequence[Entry], language: Language, title: str) -> bytes:
    """The file."""
    document = new_document()
    _set_up(document, language, title)
    document.add_heading(title, level=0)
    for entry in entries:
        _write(document, entry, language)
    _small(document.add_paragraph(), said("export.footer", language), language)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_up(document: Document, language: Language, title: str) -> None:
    about = document.core_properties
    about.title, about.author, about.comments = title[:255], "Recoupe", ""
    about.language, about.created = _LOCALES[language], datetime.now(UTC).replace(tzinfo=None)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    for one in document.styles.element.iter(qn("w:lang")):
        one.set(qn("w:val"), _LOCALES[language])
    for name, size in (("Normal", 11), ("Title", 20), ("Heading 1", 15), ("Heading 2", 12)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.size, style.font.color.rgb = _FONT, Pt(size), _INK
        _same_font_everywhere(style)
    quote = document.styles["Quote"]
    assert isinstance(quote, ParagraphStyle)
    quote.paragraph_format.left_indent, quote.font.italic = Cm(1), False
    quote.font.color.rgb = _INK


def _same_font_everywhere(style: ParagraphStyle) -> None:
    """The template names a font of its theme, which would win over the one that is set."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _write(document: Document, entry: Entry, language: Language) -> None:
    spoken = entry.language
    _add(document.add_heading(level=1), entry.question, spoken)
    for line in filter(None, (entry.asked, entry.understood)):
        _small(document.add_paragraph(), line, language)
    if entry.verdict:
        _add(document.add_paragraph(), entry.verdict, language).bold = True
    for spans in entry.answer:
        paragraph = document.add_paragraph()
        for number, span in enumerate(spans):
            _add(paragraph, f" {span.text}" if number else span.text, spoken)
            for note in span.notes:
                _add(paragraph, f" ({note})", language).italic = True
    for heading, lines in (
        (said("export.positions", language), entry.positions),
        (said("page.dropped", language), entry.dropped),
    ):
        if lines:
            _add(document.add_heading(level=2), heading, language)
        for line in lines:
            _add(document.add_paragraph(style="List Bullet"), line, spoken)
    if entry.sources:
        _add(document.add_heading(level=2), entry.heading, language)
    for source in entry.sources:
        _source(document, source, language)


def _source(document: Document, source: Source, language: Language) -> None:
    origin = document.add_paragraph()
    _add(origin, f"[{source.n}] ", language).bold = True
    _add(origin, source.origin, language)
    origin.paragraph_format.keep_with_next = True
    for line in in_marks("\n\n".join(source.quote), language).split("\n\n"):
        _add(document.add_paragraph(style="Quote"), line, source.quote_language)
    where = document.add_paragraph()
    if source.link:
        _link(where, source.link, language)
    else:
        _small(where, source.address, language)
    for note in source.notes:
        _add(document.add_paragraph(), note, language).italic = True


def _add(paragraph: Paragraph, text: str, language: Language) -> Run:
    run = paragraph.add_run(text)
    spelling = OxmlElement("w:lang")
    spelling.set(qn("w:val"), _LOCALES[language])
    run._r.get_or_add_rPr().append(spelling)
    return run


def _small(paragraph: Paragraph, text: str, language: Language) -> None:
    font = _add(paragraph, text, language).font
    font.size, font.color.rgb = Pt(9.5), _SOFT


def _link(paragraph: Paragraph, address: str, language: Language) -> None:
    """`address` as a link: python-docx reads links but does not make any."""
    link = OxmlElement("w:hyperlink")
    number = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), number)
    run = _add(paragraph, address, language)
    run.font.size, run.font.underline = Pt(9.5), True
    link.append(run._r)
    paragraph._p.append(link)
