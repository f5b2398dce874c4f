"""The lines of the script: where a value, a target, a flag came about; read from its text."""
