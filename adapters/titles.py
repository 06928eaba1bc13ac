"""Titles of articles as staff typed them."""


def title(said: object) -> str:
    """In one line and without a sign that does not print; empty where nothing was entered."""
    return "".join(sign for sign in str(said or "") if sign.isprintable())
