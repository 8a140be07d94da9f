"""What attackers type into a search box: two hundred tries to leave the string that they are in."""

from itertools import product

CLOSINGS = ("'", '"', "`", "')", '")', "'))", "\\'", "%27", "''", "$$")
DEEDS = (
    " OR 1=1--",
    " OR 'a'='a",
    " OR ''='",
    "; DROP TABLE orders_order;--",
    " UNION SELECT password FROM team_user--",
    " AND 1=(SELECT COUNT(*) FROM team_user)--",
    "/**/OR/**/1=1#",
    "||(SELECT pg_sleep(5))||",
    " AND randomblob(1000000000)--",
    "; UPDATE team_user SET is_superuser=1;--",
    " ORDER BY 99--",
    " LIMIT 1 OFFSET 1;--",
    "); ATTACH DATABASE 'x' AS y;--",
    "||CHR(65)||",
    " IN (SELECT 1)--",
    " LIKE '%",
    " GLOB '*",
    "\\x27 OR 1=1",
    "::int OR 1=1",
)
ODD = (
    "--",
    ";",
    "/*",
    "*/",
    "%s",
    "%(a)s",
    "{0}",
    "?",
    ":a",
    "\\",
    "\\\\",
    "\u02bc OR 1=1",
    "\uff07 OR 1=1",
    "1e309",
    "0x27",
)
INJECTIONS = [closing + deed for closing, deed in product(CLOSINGS, DEEDS)] + list(ODD)
