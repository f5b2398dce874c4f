"""A folder, a manifest or arrays become Pictures; decoding, splitting, duplicates."""
