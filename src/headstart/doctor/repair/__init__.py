"""Edits: made by rules from small verbs, applied to the user's text with LibCST, shown as a diff, proved."""
