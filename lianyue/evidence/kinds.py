"""What a file is, by its first bytes and its insides, whatever its name says; what may carry a program is none."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from contracts.errors import Invalid

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), XLSX: (".xlsx",), DOCX: (".docx",)}

PIECE = 1 << 20
MOST_PARTS, MOST_UNPACKED, MOST_RATIO = 2_000, 200 * PIECE, 200
ACTIVE_IN_PDF = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
ACTIVE_IN_OFFICE = ("vbaproject.bin", "/activex/", "/embeddings/", "/externallinks/")
PROGRAMS = (".exe", ".dll", ".com", ".bat", ".cmd", ".ps1", ".js", ".vbs", ".jar", ".sh", ".msi", ".scr", ".zip", ".7z")


class UnfitFile(Invalid):
    """Hand over a PDF, PNG, JPEG, XLSX or DOCX with nothing in it that runs, under a name with that ending."""

    code = "unfit-file"


class FileKind(NamedTuple):
    """A kind of file that is taken."""

    media_type: str
    ending: str


def kind_of(file: Path, name: str) -> FileKind:
    """
    Return what *file* is; its *name* must end accordingly.

    Raises:
        UnfitFile: If it is empty, of another kind than its name says, or holds something that runs.
    """
    media_type = _media_type(file)
    endings = ENDINGS.get(media_type, ())
    ending = PurePosixPath(name.lower()).suffix
    if ending not in endings:
        raise UnfitFile(f"{name!r} does not hold what its name says", where="file")
    check = {PDF: _check_pdf, XLSX: _check_office, DOCX: _check_office}.get(media_type)
    if check is not None:
        check(file)
    return FileKind(media_type, ending)


def plain_name(name: str) -> str:
    """
    Return the last step of *name*, or raise UnfitFile if that is no plain name with one ending.

    Browsers send paths and people name files in any script; what turns text around or hides in it is refused.
    """
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    stem, _, ending = last.rpartition(".")
    hidden = any(not sign.isprintable() for sign in last)
    if hidden or not stem or not ending or len(last) > 200 or stem in (".", "..") or ".." in last:
        raise UnfitFile("the file has no plain name of at most 200 characters with an ending", where="file")
    if any(stem.lower().endswith(each) for each in PROGRAMS):
        raise UnfitFile(f"{last!r} has two endings, the first of a program", where="file")
    return last


def _media_type(file: Path) -> str:
    with file.open("rb") as opened:
        head = opened.read(8)
    if not head:
        raise UnfitFile("the file is empty", where="file")
    if head.startswith(b"%PDF-"):
        return PDF
    if head == b"\x89PNG\r\n\x1a\n":
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return _office_type(file) if head.startswith(b"PK\x03\x04") else ""


def _office_type(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else ""


def _check_pdf(file: Path) -> None:
    last = b""
    for piece in _pieces(file):
        seen = last + piece
        for word in ACTIVE_IN_PDF:
            if word in seen:
                raise UnfitFile(f"the PDF holds {word.decode()}, which may run something", where="file")
        if b"/Encrypt" in seen:
            raise UnfitFile("the PDF is encrypted, so that nobody could check it", where="file")
        last = seen[-32:]
    if b"%%EOF" not in _tail(file, 2_048):
        raise UnfitFile("the PDF is cut short, or something was put behind it", where="file")
    if b"PK\x05\x06" in _tail(file, 70_000):
        raise UnfitFile("the PDF is an archive as well", where="file")


def _check_office(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            external = [each for each in parts if each.filename.endswith(".rels") and _is_outward(archive, each)]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        raise UnfitFile("the document is damaged", where="file") from None
    packed = max(1, sum(each.compress_size for each in parts))
    unpacked = sum(each.file_size for each in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * packed:
        raise UnfitFile("the document unpacks to more than is sensible", where="file")
    for name in (each.filename.lower() for each in parts):
        if name.endswith(PROGRAMS) or any(word in f"/{name}" for word in ACTIVE_IN_OFFICE) or ".." in name:
            raise UnfitFile(f"the document holds {name!r}, which may run something", where="file")
    if external:
        raise UnfitFile("the document loads something from elsewhere", where="file")


def _is_outward(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether relations fetch more than links that a reader has to click."""
    if part.file_size > PIECE:
        return True
    text = archive.read(part)
    return b"<!DOCTYPE" in text or (b'TargetMode="External"' in text and b"/hyperlink" not in text)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _tail(file: Path, length: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - length))
        return opened.read()
