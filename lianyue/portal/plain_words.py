"""Errors in human words: what happened and what to do, by the code of the error."""

from __future__ import annotations

from contracts.errors import AllianceError
from lianyue.portal.i18n import Say, speaking
from lianyue.settings import Language


def title_of(error: AllianceError, language: Language) -> str:
    """Return a headline."""
    say = speaking(language)
    titles = {
        "not-there": say("没有找到这一页"),
        "no-such-route": say("没有找到这一页"),
        "unreachable": say("暂时办不了"),
        "broken": say("出了问题"),
    }
    return titles.get(error.code, say("没有办成"))


def said_of(error: AllianceError, language: Language) -> str:
    """Return what happened, in one sentence; an error that has none here is told by its own message."""
    return _said(speaking(language)).get(error.code) or error.message


def advice_on(error: AllianceError, language: Language) -> str:
    """Return what to do; where we have no words of our own, the error's."""
    if error.code in _said(speaking(language)):
        return ""
    return error.advice if language == Language.EN else ""


def _said(say: Say) -> dict[str, str]:
    return {
        "not-there": say("没有这一项，或者它与贵单位无关。请检查网址，或从合同与任务列表进入。"),
        "no-such-route": say("没有这个网址。请从合同与任务列表进入。"),
        "not-your-task": say("这项任务属于另一个单位、职责或同事。尝试已记录。"),
        "role-missing": say("办这件事需要另一种职责，请有该职责的同事办理。尝试已记录。"),
        "duties-not-separated": say("同一个人不能既提出又批准，请另一位同事办理。尝试已记录。"),
        "wrong-state": say("现在不能这样做：可能太早、太晚，或已经办过。请先看任务和合同的现状。"),
        "stale-revision": say("在您填写期间，别人已经动过这项任务。请看看有什么变化，再决定是否提交。"),
        "request-reused": say("这张表已经提交过，内容与这次不同。请重新打开任务再提交。"),
        "already-started": say("这个编号已用于另一份内容不同的合同，请换一个编号。"),
        "over-the-plan": say("超出了约定的金额或份额，须先签署变更。"),
        "unreachable": say("流程服务器没有回应。您填写的内容没有丢失，请过一会儿原样再提交。"),
        "broken": say("系统内部出了错，已经记录。请过一会儿再试；仍不行，请告知运维人发生的时间。"),
        "cross-site": say("这个请求来自别的网站，没有执行。请从本页面操作。"),
        "too-many-tries": say("失败次数太多，请一分钟后再试。"),
        "not-archived": say("合同还没有办结归档，办结后即可下载。此前请运维人用 lianyue audit export 导出。"),
        "bundle-too-large": say("审计包太大，不宜在网页上下载。请运维人用 lianyue audit export 导出。"),
        "no-such-event": say("没有这个事件，请用滑块选择。"),
        "too-large": say("提交的内容太大。文件只提交摘要，不上传内容。"),
        "sign-in-failed": say("没有登录成功，请从登录页重新开始。"),
        "sign-in-unavailable": say("这里不能这样登录，请用本单位约定的方式。"),
        "signature-invalid": say("签名与文本或单位不符，请重新签署现行版本。"),
        "archive-damaged": say("归档与当初存入的不一致，请告知审计人和运维人。"),
    }
