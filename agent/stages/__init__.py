"""What happens, in flow order: intake, subjects, summaries, fragments, dedup, index. Deciding only; no writes."""
