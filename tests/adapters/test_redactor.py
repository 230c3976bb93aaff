"""The redactor, on secrets put together at run time, on what merely looks like one, and on any text at all."""

from __future__ import annotations

import base64
import random
import string
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.redactor import SpanRedactor

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def made(alphabet: str, length: int, seed: int = 1) -> str:
    chooser = random.Random(seed)
    return "".join(chooser.choice(alphabet) for _ in range(length))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def private_key(body: str) -> str:
    label = "RSA PRIV" + "ATE KEY"
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"


GITHUB = "gh" + "p_" + made(LETTERS, 36)
SECRETS = {
    "aws-access-key": "AK" + "IA" + made(string.ascii_uppercase, 16),
    "google-key": "AI" + "za" + made(LETTERS, 35),
    "azure-secret": made(LETTERS, 3) + "8" + "Q~" + made(LETTERS, 34),
    "github-token": GITHUB,
    "gitlab-token": "gl" + "pat-" + made(LETTERS, 20),
    "slack-token": "xo" + "xb-" + made(string.digits, 12) + "-" + made(LETTERS, 24),
    "stripe-key": "sk" + "_live_" + made(LETTERS, 24),
    "openai-key": "sk" + "-proj-" + made(LETTERS, 48),
    "anthropic-key": "sk" + "-ant-api03-" + made(LETTERS, 90),
    "huggingface-token": "hf" + "_" + made(string.ascii_letters, 34),
    "npm-token": "np" + "m_" + made(LETTERS, 36),
    "sendgrid-key": "S" + "G." + made(LETTERS, 22) + "." + made(LETTERS, 43),
    "twilio-key": "S" + "K" + made(HEX, 32),
    "databricks-token": "da" + "pi" + made(HEX, 32),
    "digitalocean-token": "do" + "p_v1_" + made(HEX, 64),
    "bot-token": made("123456789", 10) + ":A" + "A" + made(LETTERS, 33),
    "vault-token": "hv" + "s." + made(LETTERS, 90),
    "token": "zz" + "kx_" + made(LETTERS, 32),
    "jwt": ".".join(("ey" + "J" + made(LETTERS, 33), made(LETTERS, 40), made(LETTERS, 43))),
    "private-key": private_key("\n".join(made(LETTERS + "+/", 64, seed) for seed in range(5))),
}
PLACES = (
    "it was {}, please forget it",
    'client = Client("{}")',
    '{{"value": "{}", "n": 3}}',
    '{{\\"value\\": \\"{}\\"}}',
    "VALUE={}",
    "ValueError: bad credential {}",
    "| prod | {} |",
    "`{}`",
)
NAMED = (
    '{} = "{}"',
    "{}={}",
    "{}: {}",
    '{{"{}": "{}", "n": 1}}',
    '{{\\"{}\\": \\"{}\\"}}',
    "tool --{} {} --verbose",
    "The {} is {} for now.",
    "connect(host='h', {}='{}')",
    "| {} | {} |",
    "const {}: string = '{}';",
)
LOOK_ALIKES = (
    'password = request.form["password"]',
    "password_hash = db.Column(db.String(128), nullable=False)",
    'api_key = os.environ["OPENAI_API_KEY"]',
    "const token = process.env.GITHUB_TOKEN;",
    "let token = jwt.sign({ id: user._id }, process.env.JWT_SECRET, { expiresIn: '1h' })",
    'headers = {"Authorization": f"Bearer {token}"}',
    "def login(username: str, password: str) -> AccessToken:",
    "password VARCHAR(255) NOT NULL",
    'api_key = "your-api-key-here"',
    "API_KEY=<YOUR_API_KEY>",
    "Authorization: Bearer <TOKEN>",
    "token: xxxxxxxxxxxxxxxxxxxxxxxx",
    "password: ${DB_PASSWORD:-changeme}",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "postgresql://username:password@localhost:5432/app",
    "curl -u username:password https://example.com",
    'curl --user "$USER:$PASSWORD" https://example.com',
    'curl -s --user-agent "Mozilla/5.0 (X11)" https://example.com:8443/v2',
    'grep -E "(PASS|FAIL|ok|---)" log.txt',
    "The password is required and must have 8 characters.",
    "the token count is 512, max_tokens: 4096",
    '<input type="password" name="password" placeholder="Enter password">',
    "requiredCharacteristicTypesForDisplayMetadata",
    "test_password_reset_token_expires_after_24_hours",
    "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0",
    "color: #a1b2c3; background: #deadbeef",
    "commit " + made(HEX, 40),
    "image@sha256:" + made(HEX, 64),
    '"integrity": "sha512-' + made(LETTERS, 86) + '=="',
    "request 3f2b8c1e-5d4a-4b7c-9e1f-0a2b3c4d5e6f took 12 ms",
    "https://docs.example.com/document/d/1" + made(LETTERS, 43) + "/edit",
    '<img src="data:image/png;base64,' + made(LETTERS, 300) + '==">',
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + made(LETTERS, 43) + " bob@host",
    "-----BEGIN CERTIFICATE-----\n" + "\n".join(made(LETTERS, 64, seed) for seed in range(4)) + "\n-----END X-----",
    '{"type": "tool_use", "id": "call_' + made(LETTERS, 24) + '"}',
    "payload: " + base64_of("a plain sentence about nothing in particular"),
    "order 4111111111111112 of 2024-05-01",
)  # fmt: skip


@pytest.fixture
def redact() -> Callable[[str], str]:
    redactor = SpanRedactor()
    return lambda text: redactor.redact(text).text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_with_a_form_goes_wherever_it_stands(kind: str, place: str) -> None:
    redacted = SpanRedactor().redact(place.format(SECRETS[kind]))

    assert redacted.text == place.format(f"[redacted:{kind}]")
    assert redacted.counts == {kind: 1}


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "api_key", "clientSecret", "access-token"])
@pytest.mark.parametrize("value", [made(LETTERS, 24), made(HEX, 32), "Tiger" + "$" + "4821"])
def test_a_secret_with_a_name_goes_and_its_name_stays(
    redact: Callable[[str], str], name: str, value: str, form: str
) -> None:
    text = redact(form.format(name, value))

    assert value not in text
    assert name in text


@pytest.mark.parametrize(
    "frame",
    [
        "postgresql://app:{}@db:5432/app",
        "redis://:{}@cache:6379/0",
        "Authorization: Basic {}",
        "Cookie: theme=dark; sessionid={}",
        "curl -u admin:{} https://example.com",
        "Server=tcp:db;User ID=sa;Password={};Encrypt=True",
        "https://hooks.sl" + "ack.com/services/T0AB12CD3/B0AB12CD3/{}",
        "GET /items?limit=3&access_token={}&x=1",
    ],
)
def test_a_secret_inside_an_address_or_a_header_goes(redact: Callable[[str], str], frame: str) -> None:
    secret = made(LETTERS, 24)

    assert secret not in redact(frame.format(secret))


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_looks_like_a_secret_stays(redact: Callable[[str], str], text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "disguised",
    [
        "\u200b".join((GITHUB[:9], GITHUB[9:])),
        "".join(chr(ord(letter) + 0xFEE0) for letter in GITHUB),
        GITHUB[:20] + "\n    " + GITHUB[20:],
        GITHUB[:20] + "\\\n" + GITHUB[20:],
        " ".join(GITHUB),
        base64_of(f"token={GITHUB}"),
        quote("password=Tiger$4821&x=1", safe=""),
        "".join(f"%{ord(letter):02X}" for letter in GITHUB),
    ],
    ids=[
        "zero-width",
        "full-width",
        "wrapped",
        "continued",
        "spaced",
        "base64",
        "url-encoded",
        "all-encoded",
    ],
)
def test_a_disguised_secret_goes_whole(redact: Callable[[str], str], disguised: str) -> None:
    text = redact(f"see {disguised} there")

    assert text.startswith("see [redacted:")
    assert text.endswith("] there")
    assert text.count("[") == 1


def test_a_private_key_without_an_end_goes_with_its_lines_only(redact: Callable[[str], str]) -> None:
    cut = private_key(made(LETTERS, 64)).split("\n-----END")[0]

    assert redact(f"{cut}\nThis is what I said.") == "[redacted:private-key]\nThis is what I said."


def test_numbers_of_cards_and_accounts_go_by_default_and_addresses_when_asked_for() -> None:
    text = "card 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, bob@example.com, +1 555 010 9999"

    everything = SpanRedactor(frozenset({"card", "iban", "email", "phone"})).redact(text)

    assert SpanRedactor().redact(text).counts == {"card": 1, "iban": 1}
    assert everything.text == "card [redacted:card], [redacted:iban], [redacted:email], [redacted:phone]"


def test_secrets_side_by_side_are_counted_one_by_one() -> None:
    redacted = SpanRedactor().redact(f"{GITHUB}\n{SECRETS['npm-token']}\n{GITHUB}")

    assert redacted.counts == {"github-token": 2, "npm-token": 1}


SIGNS = ("password", "token", "=", "${", ": ", " is ", '"', "'", "\n", "[redacted:token]", "\ud800", "\u200b")
FRAGMENTS = st.sampled_from([*SECRETS.values(), *LOOK_ALIKES, *SIGNS])
ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANYTHING = ANY_TEXT | st.lists(FRAGMENTS | st.text(max_size=8)).map("".join)


@given(ANYTHING)
def test_nothing_raises_and_repeating_changes_nothing(text: str) -> None:
    once = SpanRedactor().redact(text)

    assert SpanRedactor().redact(once.text) == type(once)(once.text, {})


@given(st.sampled_from(sorted(SECRETS)), st.text(), st.text())
def test_a_canary_survives_in_no_surroundings(kind: str, before: str, after: str) -> None:
    assert SECRETS[kind] not in SpanRedactor().redact(f"{before} {SECRETS[kind]} {after}").text


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "password=",
        "token: {",
        "curl -u a ",
        "://a:",
        "eyJaaaaaaaaaaa.",
        "%41",
        "a_",
        "AB12cd ",
        "\ufdfa",
        "a ",
        "key,secret\n",
        "| password | x |\n",
        "token|",
        "mysql -u ",
        "kind: Secret\ndata:\n  a: b\n",
        "as the password ",
        "seed phrase: ",
        "Backup codes: a1b2 ",
        "$2b$",
        "Cookie: a=",
        "-----BEGIN PRIVATE KEY-----\n",
        "0123456789abcdef0123456789abcdef ",
        "PASSWORD 'a",
        "password\n",
    ],
)
def test_time_grows_with_length_and_no_faster(redact: Callable[[str], str], unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        started = time.process_time()
        redact(text)
        return time.process_time() - started

    short, long = (min(seconds(length) for _ in range(3)) for length in (20_000, 160_000))

    assert long < 24 * short + 0.05
