"""Off-platform steering: ways out of the platform in chat texts, found through disguises.

Rules, not a learned model: each find says by which rule, so that a merchant can answer it
(docs/adr/0012-rules-find-steering.md).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.intake.domain.violations.findings import Finding, FindingKind
from services.intake.domain.violations.folding import Folded, fold, webbed

_LETTER_DIGITS: Final = {"o": "0", "l": "1", "i": "1", "z": "2", "s": "5", "b": "8", "g": "9"}
"""Letters that stand for digits among digits."""

_WECHAT: Final = re.compile(
    r"[微薇威维葳徽溦唯](?:信|心|芯|ⅹ|x(?:in)?|xin)"
    r"|(?:wei|vei|[vw])(?:信|心|芯|xin|x)"
    r"|wechat(?!pay(?![a-z]*[0-9_]))|微亻言|卫星(?=号)|绿泡泡"
    r"|(?<=[加十找])(?:[vw薇微]|wx|vx)(?![a-z]{2,}(?:加|$))"
)
_QQ: Final = re.compile(r"qq|扣扣|抠抠|叩叩|寇寇|球球|秋秋|丘丘|企鹅|(?<=加)q|q(?=号|群|\d)")
_FILLER: Final = re.compile(
    r"(?:号码|账号|帐号|群号|号|群|id|是|为|同步|同号|同手机|同电话|搜索|搜|请加|添加|加|联系|咨询|我|的|哦|一下)*"
)
_ID: Final = re.compile(r"[a-z][a-z0-9_]{4,19}")
_UNNAMED: Final = re.compile(r"(?:加我|联系我|找我|加一下我|加下我|私我|滴我)")
_NO_ID: Final = frozenset(
    re.findall(
        r"\w+",
        "android iphone ipad huawei xiaomi taobao alipay wechat weixin paypal hello please thanks "
        "another about again before service refund quality",
    )
)
"""Words that follow a name or a request and are no ids."""

_QR: Final = re.compile(
    r"(?:扫|识别|长按|保存).{0,6}(?:二维|二惟|2维|qr).{0,3}[码马]?.{0,8}"
    r"(?:加|群|好友|微|薇|联系|私聊|返现|领|进)"
    r"|扫[码马一].{0,6}(?:加|进|入).{0,4}(?:群|好友|微|薇|我|店主|客服)"
    r"|(?:加|进|入).{0,6}(?:扫|识别).{0,6}(?:码|马|图)"
    r"|scan.{0,12}(?:qr|code).{0,12}(?:add|chat|friend|contact|group)"
    r"|(?:add|contact).{0,12}(?:scan|qrcode)"
)
_TLDS: Final = (
    "com|cn|net|org|cc|top|xyz|vip|shop|club|site|info|me|io|tk|link|ly|la|tv|co|hk|app|im|pro|"
    "wang|ren|xin|store|online|fun|ltd|tech|ink|mobi|biz|asia|us|so|win|bid|loan|men|gq|ml|ga|cf"
)
_URL: Final = re.compile(
    rf"(?:https?:?/{{0,2}}|www\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+({_TLDS})(?![a-z0-9-])"
    r"(?:[/?][a-z0-9_\-./?=&%]*)?"
)
_CN_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_NUMBER: Final = re.compile(r"1[3-9]\d{9}|0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[48]00\d{7}")
_OTHER_NUMBER: Final = re.compile(
    r"订单|单号|运单|编号|序列|批号|流水|货号|款号|型号|条码|快递|物流|身份证|order|tracking|serial|sku"
)
_CONTACT: Final = re.compile(r"电话|手机|热线|致电|拨打|联系|微|薇|加|phone|call|mobile")
_BEFORE: Final = 10
"""So many characters before a number say what it is."""


def find_steering(texts: Sequence[str]) -> list[Finding]:
    """Every way off the platform in consecutive messages of one sender, oldest first.

    A number may be split over two messages. One place is reported once, under its first rule.
    """
    folded = fold(texts)
    found: list[Finding] = []
    taken: set[int] = set()
    for finder in (_named, _unnamed, _phones, _codes):
        for start, end, kind, rule, severity in finder(folded):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                found.append(_finding(texts, folded, (start, end), kind, rule, severity))
    for number, message in enumerate(texts):
        found += _addresses(message, number)
    return found


_Span = tuple[int, int, FindingKind, str, int]


def _named(folded: Folded) -> Iterator[_Span]:
    """A messenger's name, whatever its spelling, with an id or a number after it."""
    for kind, names in ((FindingKind.WECHAT, _WECHAT), (FindingKind.QQ, _QQ)):
        for match in names.finditer(folded.plain):
            if _inside_a_word(folded, match.start()):
                continue
            start = _after_filler(folded, match.end())
            end = _id_end(folded, start, numbers_only=kind is FindingKind.QQ)
            if end is not None:
                yield match.start(), end, kind, f"{kind}_name_and_id", 3


def _inside_a_word(folded: Folded, at: int) -> bool:
    """Whether a Latin name only ends another word: a model number, say."""
    if at == 0 or not folded.touching[at]:
        return False
    return _latin(folded.text[at]) and _latin(folded.text[at - 1])


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _after_filler(folded: Folded, at: int) -> int:
    match = _FILLER.match(folded.plain, at)
    return at if match is None else match.end()


def _unnamed(folded: Folded) -> Iterator[_Span]:
    """'Add me' and an id, with no word of where."""
    for match in _UNNAMED.finditer(folded.plain):
        end = _id_end(folded, _after_filler(folded, match.end()), numbers_only=False)
        if end is not None:
            yield match.start(), end, FindingKind.UNNAMED_ID, "request_and_id", 2


def _id_end(folded: Folded, start: int, *, numbers_only: bool) -> int | None:
    """Where the id that begins at `start` ends; None if none begins there."""
    run = _run_from(folded, start)
    if run is not None and 5 <= run - start <= 12:  # noqa: PLR2004 - lengths of QQ and phone numbers
        return run
    match = None if numbers_only else _ID.match(folded.plain, start, _part_end(folded, start))
    if match is None:
        return None
    word = match.group()
    telling = any(char.isdigit() or char == "_" for char in word)
    plausible = telling or (len(word) >= 6 and word not in _NO_ID)  # noqa: PLR2004 - WeChat's shortest id
    return match.end() if plausible else None


def _part_end(folded: Folded, start: int) -> int:
    """Where the clause ends in which `start` lies: a comma ends an id."""
    ends = (at for at in range(start + 1, len(folded.joined)) if not folded.joined[at])
    return next(ends, len(folded.joined))


def _digit(char: str) -> str | None:
    return char if char.isascii() and char.isdigit() else _LETTER_DIGITS.get(char)


def _run_from(folded: Folded, start: int) -> int | None:
    """The end of the number that begins at `start`: digits, perhaps some letters for them."""
    end, real = start, 0
    while end < len(folded.plain) and _digit(folded.plain[end]) is not None:
        if end > start and not folded.joined[end]:
            break
        real += folded.plain[end].isdigit()
        end += 1
    return end if end > start and 2 * real >= end - start else None


def _phones(folded: Folded) -> Iterator[_Span]:
    """Telephone numbers of mainland China (mobile, landline, 400), by length and prefix."""
    at = 0
    while at < len(folded.plain):
        if _digit(folded.plain[at]) is None:
            at += 1
            continue
        end = _run_end(folded, at)
        yield from _phones_in(folded, at, end)
        at = end


def _run_end(folded: Folded, start: int) -> int:
    end = start + 1
    while end < len(folded.plain) and folded.joined[end] and _digit(folded.plain[end]) is not None:
        end += 1
    return end


def _phones_in(folded: Folded, start: int, end: int) -> Iterator[_Span]:
    """The numbers in a run of digits: none begins or ends in the middle of a longer one."""
    number = "".join(_digit(char) or "" for char in folded.plain[start:end])
    at = 0
    for match in _NUMBER.finditer(number):
        first, last = start + match.start(), start + match.end()
        real = sum(char.isdigit() for char in folded.plain[first:last])
        whole = _begins(folded, start, first) and _ends(folded, last, end)
        if match.start() < at or real < 3 or not whole:  # noqa: PLR2004 - no word by chance
            continue
        if _means_another_number(folded, start):
            return
        at = match.end()
        mobile = _CN_MOBILE.fullmatch(match.group()) is not None
        rule = "mobile_number" if mobile else "landline_number"
        yield first, last, FindingKind.PHONE, rule, 3 if mobile else 2


def _begins(folded: Folded, start: int, first: int) -> bool:
    """Whether no other digit touches it from the left, but for the country's 86."""
    if first == start or not folded.touching[first] or not folded.plain[first - 1].isdigit():
        return True
    before = folded.plain[start:first]
    return before in {"86", "0086"}


def _ends(folded: Folded, last: int, end: int) -> bool:
    return last == end or not folded.touching[last] or not folded.plain[last].isdigit()


def _means_another_number(folded: Folded, start: int) -> bool:
    before = folded.text[max(0, start - _BEFORE) : start]
    return _OTHER_NUMBER.search(before) is not None and _CONTACT.search(before) is None


def _codes(folded: Folded) -> Iterator[_Span]:
    """A request to scan a code that leads to a person or a group."""
    for match in _QR.finditer(folded.text):
        yield match.start(), match.end(), FindingKind.QR, "scan_and_contact", 3


def _addresses(message: str, number: int) -> Iterator[Finding]:
    """Addresses of the web. Mail addresses end like them, and lead away like them."""
    text, places = webbed(message)
    for match in _URL.finditer(text):
        start, last = places[match.start()], places[match.end() - 1]
        if _sentence_begins(message[places[match.start(1)] : places[match.end(1) - 1] + 1]):
            continue
        yield Finding(
            kind=FindingKind.URL,
            text=message[start : last + 1],
            message=number,
            start=start,
            rule="web_address",
            severity=2,
        )


def _sentence_begins(ending: str) -> bool:
    """Whether what looks like the end of an address is the first word of a sentence."""
    return ending[:1].isupper() and not ending.isupper()


def _finding(
    texts: Sequence[str],
    folded: Folded,
    span: tuple[int, int],
    kind: FindingKind,
    rule: str,
    severity: int,
) -> Finding:
    first, last = folded.places[span[0]], folded.places[span[1] - 1]
    if first.message == last.message:
        shown = texts[first.message][first.index : last.index + 1]
    else:
        parts = (texts[first.message][first.index :], texts[last.message][: last.index + 1])
        shown = "\n".join(parts)
    return Finding(
        kind=kind,
        text=shown,
        message=first.message,
        start=first.index,
        rule=rule,
        severity=severity,
    )
