"""Keys that are plain hexadecimal or UUIDs, given away by the name of the service they open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.places import in_long_words
from agent.adapters.redaction.span import Span

_SERVICES = (
    "adafruit|adobe|airtable|algolia|amplitude|appsflyer|asana|bitly|bugsnag|buildkite|circleci|clearbit|codecov|"
    "coinbase|confluent|contentful|datadog|discord|droneci|dropbox|etsy|fastly|finnhub|flickr|freshdesk|gitter|"
    "heroku|hubspot|intercom|iterable|jfrog|kraken|kucoin|launchdarkly|linode|lokalise|looker|mailchimp|mailgun|"
    "mailjet|mapbox|mattermost|meraki|messagebird|mixpanel|netlify|new[-_ ]?relic|newsapi|nytimes|okta|onesignal|"
    "openweather(?:map)?|opsgenie|pagerduty|pinecone|plaid|posthog|postmark|railway|rapidapi|rollbar|"
    "sendbird|sendgrid|sentry|shodan|shippo|snyk|softlayer|sonarqube|splunk|squarespace|statuspage|sumologic|"
    "supabase|trello|twilio|twitch|twitter|typeform|vercel|virustotal|weatherstack|yelp|zendesk"
)
_NAMED = re.compile(rf"(?<![a-z])(?:{_SERVICES})[\"'`]?\s{{0,2}}(?:=>|:?[:=])\s{{0,2}}[\"'`]?$")
_KEY = re.compile(
    r"(?<![\w.-])(?:(?=[0-9]{0,31}[a-f])[0-9a-f]{32,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w-])"
)
_REACH = 32
_LEAST = 32


def services(text: str) -> Iterator[Span]:
    for key in in_long_words(_KEY, text, _LEAST):
        if _NAMED.search(text[max(0, key.start() - _REACH) : key.start()].lower()):
            yield Span(*key.span(), "api-key")
