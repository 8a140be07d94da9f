"""What a page is made of, apart from what it says."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RAW = {"title", "option", "textarea"}  # where there can be nothing but text


class Page(HTMLParser):
    """The elements of `html` with the names of their attributes, and each piece of text with the elements around it."""

    def __init__(self, html):
        super().__init__()
        self.skeleton, self.texts, self.attributes, self._open = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, given):
        if (tag, given) != ("br", []):  # how Django's admin shows the end of a line
            self.skeleton.append((tag, *sorted(name for name, _ in given)))
        self.attributes += [(tag, name, value or "") for name, value in given]
        if tag not in VOID:
            self._open.append((tag, {name for name, _ in given}))

    def handle_endtag(self, tag):
        self.skeleton.append(f"/{tag}")
        while any(tag == each for each, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, text):
        self.texts.append((text, list(self._open)))

    def handle_comment(self, text):
        self.skeleton.append("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def unguarded(self, mark):
        """The elements around each text with `mark` in it that htmx would still look into."""
        marked = [around for text, around in self.texts if mark in text]
        return [
            [tag for tag, _ in around]
            for around in marked
            if not any("hx-disable" in names or tag in RAW for tag, names in around)
        ]
