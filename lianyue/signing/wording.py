"""What a check of a signed document found, in words."""

from __future__ import annotations

from typing import Final

from contracts.signature import SignatureVerdict
from contracts.signed_document import DocumentFinding

VERDICTS: Final = {
    SignatureVerdict.VALID: ("有效", "valid"),
    SignatureVerdict.CANNOT_TELL: ("无法判断", "cannot tell"),
    SignatureVerdict.INVALID: ("无效", "invalid"),
}

FINDINGS: Final = {
    DocumentFinding.OK: ("各方签名齐全、有效", "every signature is there and holds"),
    DocumentFinding.UNREADABLE: ("不是可读的已签署文件", "not a signed document that can be read"),
    DocumentFinding.TOO_LARGE: ("文件太大", "the file is too large"),
    DocumentFinding.GAVE_UP: ("检查超出时间或内存限制", "the check took too long or too much memory"),
    DocumentFinding.UNKNOWN_AUTHORITY: (
        "证书不是由所信任的机构签发",
        "an authority is not trusted here",
    ),
    DocumentFinding.STALE_EVIDENCE: (
        "时间戳证书已到期，文件未及时续加时间戳",
        "the time stamp's certificate has run out and was not renewed",
    ),
    DocumentFinding.NOT_CERTIFIED: ("没有平台的认证签名", "the platform has not certified it"),
    DocumentFinding.NOT_CLOSED: ("没有封存时间戳", "it was not closed with a time stamp"),
    DocumentFinding.OTHER_DOCUMENT: ("不是应签署的那份文件", "not the document that was to be signed"),
    DocumentFinding.MISSING_SIGNATURE: ("缺少签名", "a signature is missing"),
    DocumentFinding.BAD_SIGNATURE: ("签名与内容不符", "a signature does not fit the content"),
    DocumentFinding.BAD_TIMESTAMP: ("时间戳与内容不符", "a time stamp does not fit the content"),
    DocumentFinding.SWAPPED_SIGNER: ("一方在另一方的位置签名", "a party signed in another's place"),
    DocumentFinding.WRONG_ORGANISATION: ("证书属于其他单位", "a certificate is made out to another organisation"),
    DocumentFinding.WRONG_PURPOSE: ("证书不可用于签署", "a certificate is not for signing"),
    DocumentFinding.REVOKED_CERTIFICATE: ("签署时证书已吊销", "a certificate was revoked when it signed"),
    DocumentFinding.EXPIRED_CERTIFICATE: ("签署时证书不在有效期内", "a certificate was not valid when it signed"),
    DocumentFinding.PAGE_CHANGED: ("签署后页面内容被改动", "a page was changed after it was signed"),
    DocumentFinding.ANNOTATION_ADDED: ("签署后添加了批注", "a note was added after it was signed"),
    DocumentFinding.ATTACHMENT_CHANGED: ("签署后附件被替换", "an attachment was changed after it was signed"),
    DocumentFinding.CHANGED_AFTER_SIGNING: ("签署后文件被改动", "the file was changed after it was signed"),
    DocumentFinding.CHANGED_AFTER_CLOSING: ("封存后文件被改动", "the file was changed after it was closed"),
}


def verdict_in(verdict: str, language: str) -> str:
    """Return the word for a verdict."""
    return VERDICTS[SignatureVerdict(verdict)][language == "en"]


def said_of_a_signer(finding: str, language: str) -> str:
    """Return what was found of one signer's signature."""
    if finding == DocumentFinding.OK:
        return "signed" if language == "en" else "已签署"
    return finding_in(finding, language)


def finding_in(finding: str, language: str) -> str:
    """Return the sentence for what was found."""
    return FINDINGS[DocumentFinding(finding)][language == "en"]
