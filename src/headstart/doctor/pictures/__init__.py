"""How pixels are scaled: in which style, by what, and what is wrong with it."""
