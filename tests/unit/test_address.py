"""What a DATABASE_URL names, as each of the libraries takes it."""

from psycopg.conninfo import conninfo_to_dict

from bot.store import address


def test_libpq_is_told_what_the_address_says() -> None:
    """Spaces, plus signs and percent signs included: they stand in passwords and in options."""
    url = (
        "postgresql+psycopg://bot:p%40ss+w%2Frd%25%20x@db.example:5433/enroll"
        "?options=-c%20search_path%3Dbot&sslmode=require"
    )
    assert {
        "user": "bot",
        "password": "p@ss+w/rd% x",
        "host": "db.example",
        "port": "5433",
        "dbname": "enroll",
        "options": "-c search_path=bot",
        "sslmode": "require",
    } == conninfo_to_dict(address.conninfo(url))


def test_libpq_is_told_of_a_socket() -> None:
    """A server on the same machine has a folder for its host."""
    url = "postgresql+psycopg://postgres:@/enroll?host=/run/a%20folder"
    told = conninfo_to_dict(address.conninfo(url))
    assert ("/run/a folder", "enroll") == (told["host"], told["dbname"])
