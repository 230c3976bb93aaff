"""The redactor in the places where only the surroundings tell a secret: commands, tables, manifests, sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.adapters.redactor import SpanRedactor

PASSWORD = "Tiger" + "$" + "4821"
WORDS = "amber canyon dragon forest hammer island kettle lantern marble needle oyster pepper"


@pytest.fixture
def redact() -> Callable[[str], str]:
    redactor = SpanRedactor()
    return lambda text: redactor.redact(text).text


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("mysqldump -h db1 -u root -p{} shop > shop.sql", "login"),
        ("docker login -u maria -p {} registry.example.com", "login"),
        ("ldapsearch -x -D cn=admin -w {} -b dc=acme", "login"),
        ("redis-cli -h cache -a {} ping", "login"),
        ("net use Z: \\\\nas\\share /user:maria {}", "login"),
        ("htpasswd -b .htpasswd maria {}", "login"),
        ("openssl rsa -in key.pem -passin pass:{}", "login"),
        ("machine git.example.com login maria password {}", "login"),
        ("BUNDLE_GEMS__EXAMPLE__COM=maria:{}", "login"),
        ("CREATE USER app IDENTIFIED BY '{}'", "password"),
        ("ConvertTo-SecureString '{}' -AsPlainText", "password"),
        ("my password for the staging box is {}, keep it to yourself", "password"),
        ("Use {} as the password for the admin account.", "password"),
        ("contraseña: {}", "password"),
        ("mot de passe : {}", "password"),
        ("PASS={} ./run.sh", "password"),
        ("Router: user - admin, password - {}", "password"),
    ],
)
def test_a_password_of_a_person_goes_where_it_is_used_or_told(
    redact: Callable[[str], str], frame: str, kind: str
) -> None:
    text = redact(frame.format(PASSWORD))

    assert PASSWORD not in text
    assert f"[redacted:{kind}]" in text


def test_a_plain_word_is_a_password_in_an_address_and_a_name_of_one_is_not(redact: Callable[[str], str]) -> None:
    assert redact("mysql://root:whale@db/shop") == "mysql://root:[redacted:url-credentials]@db/shop"
    assert redact("mysql://user:password@db/shop") == "mysql://user:password@db/shop"
    assert redact("mysql://root:db_password@db/shop") == "mysql://root:db_password@db/shop"


def test_of_an_address_with_an_escaped_password_the_rest_stays(redact: Callable[[str], str]) -> None:
    assert redact("postgres://app:p%40ss-Wh4le@db/shop") == "postgres://app:[redacted:url-credentials]@db/shop"


def test_in_a_table_the_column_named_after_a_secret_goes(redact: Callable[[str], str]) -> None:
    table = "| host | user | password |\n|---|---|---|\n| nas | maria | {} |\n| web | john | {} |"

    assert redact(table.format(PASSWORD, "none")) == table.format("[redacted:password]", "none")


def test_in_lines_of_values_the_column_named_after_a_secret_goes(redact: Callable[[str], str]) -> None:
    lines = "User name,Secret access key\nmaria,{}\njohn,{}\n\nname,city\nanna,Rome"

    assert redact(lines.format(PASSWORD, "-")) == lines.format("[redacted:secret]", "-")


def test_a_table_about_passwords_keeps_its_rows(redact: Callable[[str], str]) -> None:
    table = "| Field | Token | Default |\n|---|---|---|\n| api_key | required | none |\n| ttl_v2 | optional | 3600 |"

    assert redact(table) == table


def test_every_value_of_a_kubernetes_secret_goes_and_no_other(redact: Callable[[str], str]) -> None:
    secret = "kind: Secret\nmetadata:\n  name: db-login\ndata:\n  login: bWFyaWE=\n  other: {{ .Values.x }}\n"
    config = "---\nkind: ConfigMap\ndata:\n  login: YW5uYQ==\n"

    assert redact(secret + config) == secret.replace("bWFyaWE=", "[redacted:secret]") + config


@pytest.mark.parametrize("frame", ["seed phrase: {}", 'const mnemonic = "{}";', "My recovery phrase is {}. Safe?"])
def test_the_words_of_a_wallet_go(redact: Callable[[str], str], frame: str) -> None:
    assert redact(frame.format(WORDS)) == frame.format("[redacted:recovery-phrase]")


def test_a_sentence_about_recovery_phrases_stays(redact: Callable[[str], str]) -> None:
    text = "A recovery phrase is something with twelve words that you should write down and never type anywhere else."

    assert redact(text) == text


def test_codes_for_a_lost_phone_go(redact: Callable[[str], str]) -> None:
    assert redact("Backup codes: 7f3a9-1c2d4, 8e5b6-0a9c8\nDone.") == "Backup codes: [redacted:recovery-code]\nDone."


def test_a_secret_goes_wherever_the_text_says_it_again(redact: Callable[[str], str]) -> None:
    text = redact(f"password: {PASSWORD}\nThen I typed {PASSWORD}, and `{PASSWORD}` again. {PASSWORD}5 is another.")

    assert text.count("[redacted:password]") == 3
    assert f"{PASSWORD}5 is another." in text


def test_of_a_cookie_only_what_is_made_up_goes(redact: Callable[[str], str]) -> None:
    text = redact("Cookie: theme=dark-blue; session=" + "k3J9xQ2mZ8vB" * 2 + "; lang=en-GB")

    assert text == "Cookie: theme=dark-blue; session=[redacted:cookie]; lang=en-GB"


def test_hashes_of_passwords_go(redact: Callable[[str], str]) -> None:
    digest = "N9qo8uLOickgx2ZMRZoMye" + "IjZAgcfl7p92ldGxad68L"

    assert redact("('maria', '$2b$12$" + digest + "')") == "('maria', '[redacted:password-hash]')"
    assert redact("maria:$apr1$k3J9xQ2m$" + digest) == "maria:[redacted:password-hash]"


def test_a_bare_checksum_stays_unless_a_service_is_named(redact: Callable[[str], str]) -> None:
    digest = "9f86d081884c7d659a2feaa0c55ad015"

    assert redact(f"checked out {digest}") == f"checked out {digest}"
    assert redact(f"datadog: {digest}") == "datadog: [redacted:api-key]"


@pytest.mark.parametrize(
    "text",
    [
        "docker run -p 8080:80 --name web nginx",
        "ssh -p 2222 deploy@10.0.0.4",
        "mysql -u root -p shop < dump.sql",
        "mysql -h 127.0.0.1 -P 3306 -u root",
        "docker login -u maria -p $REGISTRY_PASSWORD",
        "The login page has a password field and a reset link.",
        "Use argon2id for the password, and SHA256 for the token.",
        "Pass `cache_dir` as the token_path.",
        "token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)",
        "User(email=email, hashed_password=argon2_hash, is_active=True)",
        'from_pretrained("acme/DeepseekV2ForCausalLM-8B-Instruct")',
        "import password, token2, secret3\nfrom x import y, z2, w3",
        '"basic-auth": "~2.0.1",',
        "Total tokens: ~206,529 of 200,000",
        "set DB_PASSWORD=%DB_PASSWORD%",
        'PASSWORD_PAT = r"^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d@$!%*?&]{8,}$"',
        "numpy.random.default_rng(59846294526092468)",
    ],
)
def test_what_programs_and_people_say_about_secrets_stays(redact: Callable[[str], str], text: str) -> None:
    assert redact(text) == text
