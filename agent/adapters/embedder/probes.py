"""Texts on which an export must agree with the reference: short, long, empty, of many scripts, odd."""

from __future__ import annotations

PROBES = (
    "",
    "   \n\t ",
    "deploy",
    "We deploy on Fridays.",
    "Prefer tabs over spaces, but never mix them in one file!",
    "The uploader retries three times, then gives up and logs the parcel's number.",
    "Übermorgen ziehen wir die Datenbank von PostgreSQL 15 auf 17 um.",
    "L'équipe préfère déployer après 18 h, jamais le vendredi.",
    "El cliente pidió que las facturas salgan en formato PDF y XML.",
    "Мы решили хранить заметки в git, а индекс строить заново.",
    "会議は毎週火曜日の午前十時に始まります。資料は前日までに送ってください。",
    "请记住：生产环境的密码每九十天更换一次。",
    "نفضل كتابة الرسائل باللغة العربية في هذا المشروع.",
    "हम हर सोमवार को रिपोर्ट भेजते हैं।",
    "🚀 shipped! 🎉🎉 👩‍👩‍👧 naïve café ﬁne İstanbul",
    "def retry(times: int = 3) -> None:\n    for attempt in range(times):\n        upload(attempt)",
    "https://example.org/a/very/long/path?with=query&and=more#fragment 10.0.0.1 2026-11-21T12:35:16Z",
    "x" * 300,
    "[CLS] special [SEP] words [PAD] inside [MASK] a text [UNK]",
    "A line of the log, repeated until it fills the model's window. " * 15,
    "Longer than the model reads: only its beginning counts, the rest is cut away. " * 60,
)
