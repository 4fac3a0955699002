"""The kinds of what stands in the way of every request, and the words by which services tell them.

No two services say it alike, so that what is here was collected: from OpenAI and Azure, Google, DeepSeek,
Moonshot, Zhipu, MiniMax, SiliconFlow, OpenRouter, vLLM, Ollama, LM Studio, LiteLLM, one-api and new-api.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Kind(Enum):
    """What it is. HTTP is a port that speaks http where https was sent to it, HTTPS the other way round."""

    KEY = auto()
    EXPIRED = auto()
    CREDIT = auto()
    QUOTA = auto()
    FORBIDDEN = auto()
    PLACE = auto()
    MODEL = auto()
    PATH = auto()
    PAGE = auto()
    REDIRECT = auto()
    WALL = auto()
    PROXY = auto()
    HTTP = auto()
    HTTPS = auto()
    NOBODY = auto()
    SLOW = auto()
    BUSY = auto()
    OTHER = auto()


OF_THE_ACCOUNT = frozenset({Kind.KEY, Kind.EXPIRED, Kind.CREDIT, Kind.QUOTA, Kind.PLACE})
"""Kinds that are about who asks, and never about what is asked."""

PASSING = frozenset({Kind.NOBODY, Kind.SLOW, Kind.BUSY})
"""Kinds that may be over with the next request."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_ID = r"\S{0,100}(?: \S{1,100})? (?:(?:is|was|were) )?"
"""The id of a model, between the noun and what is said of it."""

_CREDIT = _any(
    r"insufficient[ _](?:account[ _]|available[ _])?(?:balance|credits?|funds?)",
    r"(?:requires|need|add|buy|purchase|out of|no|not enough) (?:more |any |remaining )?credits?\b",
    r"\b(?:credits?|balance)\b[^.;]{0,50}\b(?:insufficient|too low|exhausted|depleted|used up|negative)\b",
    r"payment[ _]required|billing[ _](?:not[ _]active|hard[ _]limit)|good standing",
    r"\brecharge\b|top[ -]?up your|\barrear(?:s|age)?\b|\boverdue\b",
    r"余额不足|余额已|欠费|充值|额度不足",
)
_QUOTA = _any(
    r"insufficient[ _](?:user[ _])?quota|pre_consume_token_quota|quota_exhausted",
    r"(?:user|token)[ _]quota[ _](?:is )?(?:not enough|exhausted|exceeded)",
    r"exceeded?[ _](?:your[ _])?current[ _]quota",
    r"(?:monthly|usage|spend(?:ing)?|budget)[ _](?:limit|quota|cap)\b[^.;]{0,30}\b(?:reached|exceeded|hit)\b",
    r"额度已?(?:用尽|用完|耗尽)|配额(?:不足|已用)",
)
_SOON = _any(r"retry in \d", r"retry after \d", r"per[ _-]?(?:minute|second)", r"retrydelay")
"""How a limit speaks that is over soon: Google calls that an exceeded quota, too."""

_PLACE = _any(
    r"unsupported_country",
    r"\b(?:country|region|territory|user location)\b[^.;]{0,30}\bnot (?:supported|available|allowed)",
    r"not (?:available|supported) in your (?:country|region|location)",
    r"(?:地区|区域)(?:不支持|限制)",
)
_MODEL = _any(
    r"model[ _-]?not[ _-]?(?:found|exists?)|deploymentnotfound|invalidendpointormodel|not found the model",
    r"(?:unknown|invalid|no such|nonexistent)[ _]model\b",
    r"deployment\b[^.;]{0,60}\bdoes not exist",
    r"no available channel|no endpoints found for",
    rf"\bmodels?\b{_ID}(?:not found|(?:does|do) (?:not|n't) exist|doesn't exist|not exist)",
    r"无可用渠道|无效的模型|未找到模型|模型[^。]{0,60}(?:不存在|未找到|不可用|已下线)",
)
_GONE = _any(
    rf"\bmodels?\b{_ID}(?:not (?:available|supported|valid|served|loaded)|unavailable)",
    rf"\bmodels?\b{_ID}(?:has been |been )?(?:deprecated|retired|removed|decommissioned|discontinued)",
)
"""Words that are about the model where the status says that something is not there."""

_KEY = _any(
    r"(?:invalid|incorrect|wrong|unknown|missing|malformed|no|disabled|revoked)[ _](?:\w+[ _]){0,2}"
    r"(?:api[ _-]?keys?|access[ _]token|auth(?:entication|orization)?|credentials?|subscription key)\b",
    r"\binvalid (?:access |bearer )?token\b(?! (?:count|limit|number|budget|id))",
    r"(?:api[ _-]?key|bearer token)\b[^.;]{0,40}\b(?:invalid|incorrect|not (?:valid|found)|missing|required)",
    r"api[ _-]?key\b[^.;]{0,20}\b(?:does(?:n't| not) exist|disabled|revoked|deleted)\b",
    r"unauthori[sz]ed|unauthenticated|authorized_error|login fail",
    r"\bauth(?:entication|orization)[ _](?:error|failed|failure|required)",
    r"无效的?(?:令牌|密钥|api ?key)|未提供(?:令牌|密钥|api ?key)",
    r"(?:令牌|密钥|api ?key|鉴权|认证|身份验证)[^。]{0,12}(?:无效|失败|错误|不正确|不存在|未通过|不可用)",
)
_EXPIRED = _any(
    r"\b(?:key|token|credentials?)\b[^.;]{0,40}\bexpired\b|expired (?:api )?(?:key|token)|token_expired",
    r"(?:令牌|密钥)[^。]{0,6}过期",
)
_ENDPOINT = _any(
    r"unexpected endpoint", r"invalid url", r"unknown (?:request )?url", r"no route", r"cannot post"
)
_SPEAKS_HTTPS = _any(
    r"plain http request was sent to https port",
    r"sent an http request to an https server",
    r"requires? tls|instead use the https scheme",
)


def told(text: str, status: int, *, waits: bool) -> Kind | None:
    """The kind by the words, in lower case, or None. `waits`: it is said when to try again."""
    passes = status == 429 and bool(_SOON.search(text))
    if _SPEAKS_HTTPS.search(text):
        return Kind.HTTPS
    if _CREDIT.search(text) and not passes:
        return Kind.CREDIT
    if _QUOTA.search(text) and ("insufficient_quota" in text or not (passes or (waits and status == 429))):
        return Kind.QUOTA
    if status == 429:
        return None
    if _PLACE.search(text):
        return Kind.PLACE
    if _MODEL.search(text) or (status in (403, 404, 410) and _GONE.search(text)):
        return Kind.MODEL
    if _EXPIRED.search(text) and not _KEY.search(text):
        return Kind.EXPIRED
    if _KEY.search(text):
        return Kind.KEY
    return Kind.PATH if status < 400 and _ENDPOINT.search(text) else None
