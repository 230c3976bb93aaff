"""Secrets whose form gives them away, whatever stands around them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.adapters.redaction.harmless import Harmless, follows_harmless_name, is_everyday
from agent.adapters.redaction.places import in_long_words
from agent.adapters.redaction.randomness import is_blanked, is_hex, is_placeholder, is_random, is_uuid, pieces, surprise
from agent.adapters.redaction.span import Span


@dataclass(frozen=True, slots=True)
class Shape:
    """A form: ruled out cheaply by `hint`, found by `pattern`, whose group, if any, is what has to go."""

    kind: str
    hint: str
    pattern: re.Pattern[str]


_RUN = re.compile(r"[\w.~+/=%@|:-]{16,}")
"""Whatever is looked for inside one run has no other characters."""

_TOKENS = tuple(
    Shape(kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("jwt", "eyJ", r"(?<![\w-])eyJ[\w-]{10,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
        ("aws-access-key", "A", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("aws-bedrock-key", "ABSK", r"(?<![\w+/])ABSK[A-Za-z0-9+/]{60,200}={0,2}"),
        ("google-key", "AIza", r"(?<![\w-])AIza[\w-]{30,40}"),
        ("google-token", "ya29.", r"(?<![\w-])ya29\.[\w-]{20,}"),
        ("azure-secret", "Q~", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{30,36}"),
        ("bot-token", ":AA", r"\d{8,10}:AA[\w-]{30,40}"),
        ("bot-token", ".", r"(?<![\w.-])[A-Z][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w-])"),
        ("facebook-token", "|", r"(?<!\d)\d{13,17}\|[\w-]{20,60}"),
        ("mailchimp-key", "-us", r"(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)"),
        ("twilio-key", "SK", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
        ("databricks-token", "dapi", r"(?<!\w)dapi[0-9a-f]{32}(?:-\d)?"),
        ("atlassian-token", "AT", r"(?<!\w)(?:ATBB|AT[AC]TT3)[\w=-]{20,}"),
        ("1password-key", "A3-", r"(?<!\w)A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,5}(?!\w)"),
        ("cloudflare-key", "v1.0-", r"(?<!\w)v1\.0-[0-9a-f]{24}-[0-9a-f]{146}(?!\w)"),
        ("flutterwave-key", "FLW", r"(?<!\w)FLW(?:SEC|PUB)K_TEST-?[0-9a-f]{12,32}(?:-X)?(?!\w)"),
        ("new-relic-key", "NRJS-", r"(?<!\w)NRJS-[0-9a-f]{19}(?!\w)"),
        ("age-key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{50,60}"),
    )
)
_CREDENTIALS = tuple(
    Shape(kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("password-hash", "$", r"\$(?:2[abxy]?|apr1|argon2\w{0,2}|scrypt|yescrypt|[1567y]|sha\d{1,3}|pbkdf2[\w-]{0,10})"
         r"\$(?:[\w=,.]{1,40}\$){0,4}[\w./+]{20,}={0,2}"),
        ("password-hash", "pbkdf2", r"pbkdf2[_:]\w{3,8}[$:]\d{2,8}\$[\w./+]{4,64}\$[\w./+]{20,}={0,2}"),
        ("paypal-token", "access_token$", r"access_token\$\w{4,20}\$\w{8,32}\$[0-9a-f]{32}"),
    )
)  # fmt: skip

_VENDORS = (
    (r"gh[a-z]_|github_", "github-token"),
    (r"gl[a-z]{1,7}-|GR13", "gitlab-token"),
    (r"xox|xapp-", "slack-token"),
    (r"sk-ant-", "anthropic-key"),
    (r"sk-", "openai-key"),
    (r"[sr]k_|whsec_", "stripe-key"),
    (r"hf_|api_org_", "huggingface-token"),
    (r"npm_", "npm-token"),
    (r"pypi-", "pypi-token"),
    (r"SG\.", "sendgrid-key"),
    (r"hv[a-z]\.", "vault-token"),
    (r"do[a-z]_v1_", "digitalocean-token"),
    (r"shp[a-z]{2}_", "shopify-token"),
    (r"sq0[a-z]{3}-", "square-token"),
    (r"dckr_[a-z]{3}_", "docker-token"),
    (r"gl(?:c|sa)_", "grafana-token"),
    (r"sntry[a-z]_", "sentry-token"),
    (r"pscale_[a-z]{2,5}_", "planetscale-token"),
    (r"dp\.[a-z]{2,5}\.", "doppler-token"),
    (r"lin_[a-z]{3,5}_", "linear-key"),
    (r"PMAK-", "postman-key"),
    (r"NR(?:AK|II)-", "new-relic-key"),
    (r"xkeysib-|xsmtpsib-", "brevo-key"),
    (
        r"sq[apu]_|sgp_|ntn_|pul-|pnu_|tfp_|figd_|r8_|gsk_|xai-|pplx-|nvapi-|sbp_|rdme_|rubygems_|tskey-|lsv2_|HRKU-"
        r"|fio-u-|duffel_[a-z]{4}_|dnkey-|shippo_[a-z]{4}_|dt0[a-z]\d\d\.|fo1_|fm1[ar]_|fm2_|CLOJARS_|sm_aat_|ph[cx]_"
        r"|nfp_|pat-[a-z]{2}1-|tgp_v1_|tvly-|p8e-|GOCSPX-",
        "api-key",
    ),
)
_VENDOR = re.compile("|".join(f"({prefix})" for prefix, _ in _VENDORS))
_PLAINEST = {"openai-key": math.inf, "api-key": -1.0}
"""Prefixes that are words elsewhere: how much like words what follows may read. Behind the others any digit will do."""
_HEX, _MIXED = 28, 16
"""Least lengths of what follows a prefix nobody knows: object ids have 24 digits."""
_UUID = 36
_CREDENTIAL = re.compile(r"(?i)key|token|access|secret|auth|cred|mws|(?:^|[-_])sk[-_]")
_PREFIXED = re.compile(
    r"(?<![\w.~%+-])((?:[A-Za-z][A-Za-z0-9]{0,15}[-_.]){1,3}?)([A-Za-z0-9][\w~+/.-]{12,}={0,2}(?<![.]))"
)


def shapes(text: str) -> Iterator[Span]:
    harmless = Harmless(text)
    tokens = [shape for shape in _TOKENS if shape.hint in text]
    for run in in_long_words(_RUN, text):
        yield from _whole(text, *run.span(), tokens)
        yield from _prefixed(text, *run.span(), harmless)
    for shape in _CREDENTIALS:
        if shape.hint in text:
            yield from (Span(*match.span(), shape.kind) for match in shape.pattern.finditer(text))


def _whole(text: str, start: int, end: int, tokens: Sequence[Shape]) -> Iterator[Span]:
    for shape in tokens:
        if text.find(shape.hint, start, end) >= 0:
            for match in shape.pattern.finditer(text, start, end):
                if not is_blanked(match[0]):
                    yield Span(*match.span(), shape.kind)


def _prefixed(text: str, start: int, end: int, harmless: Harmless) -> Iterator[Span]:
    for match in _PREFIXED.finditer(text, start, end):
        prefix, body = match[1], match[2]
        if is_placeholder(body) or (is_uuid(body[-_UUID:]) and not _CREDENTIAL.search(match[0][:-_UUID])):
            continue
        named = _VENDOR.match(match[0])
        vendor = _VENDORS[named.lastindex - 1][1] if named and named.lastindex else None
        if vendor and (
            is_random(body) or (any(map(str.isdigit, body)) and surprise(body) > _PLAINEST.get(vendor, -math.inf))
        ):
            yield Span(match.start(), match.end(), vendor)
        elif not _is_ordinary(text, match.start(), prefix, harmless) and _is_body(body):
            yield Span(match.start(), match.end(), vendor or "token")


def _is_ordinary(text: str, start: int, prefix: str, harmless: Harmless) -> bool:
    return (
        text[start - 1 : start] in ("/", "\\")
        or is_everyday(prefix)
        or follows_harmless_name(text, start)
        or start in harmless
    )


def _is_body(body: str) -> bool:
    core = pieces(body)[0]
    return is_uuid(body[-_UUID:]) or (len(core) >= _HEX if is_hex(core) else len(core) >= _MIXED and is_random(core))
