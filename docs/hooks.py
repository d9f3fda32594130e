"""What the site has beside `docs/`: the tables and figures that its pages link to.

Links are written for the repository: `../results/grid/ours.png`, from `docs/zoo.md`.
The files they lead to outside of `docs/` join the site under their path in the
repository, the Markdown ones as pages, and the links are turned to them. A link from a
class's name to its source leads to its place in the API reference.

MkDocs calls the functions named `on_...`; see `hooks` in `mkdocs.yml`.
"""

import logging
import os
import pathlib
import re

from mkdocs.structure.files import File, InclusionLevel

ROOT = pathlib.Path(__file__).parents[1]
DOCS = ROOT / "docs"
LOG = logging.getLogger("mkdocs.plugins")  # its warnings are errors with --strict
LINK = re.compile(r"(?<=\]\()[^)#\s]+")
CLASS = re.compile(r"\[`(\w+)`\]\((?:\.\./)+keras_mdgan/[\w/]+\.py\)")
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
# Cells after a row's first one, which is a name.
CELL = re.compile(r"(?<=</td>)\s*<td[^>]*>(.*?)</td>", re.DOTALL)
NAME = re.compile(r"<tr>\s*<td>[\w ]+(?=[(<])")
TAGS = re.compile(r"<[^>]+>")
LONGEST_FIGURE = 60  # characters, of a cell such as "25.0 / 98.9, 25 / 99.36 (s)"
FETCHED = re.compile(
    r"<(?:script|img|link)\b[^>]*?(?:src|href)=[\"']?((?:https?:)?//[^\s\"'>]+)"
)


def on_files(files, config):
    """Adds the files that pages link to, and those that these link to in turn."""
    waiting = list(files.documentation_pages())
    while waiting:
        page = waiting.pop()
        for link in LINK.findall(CLASS.sub("", page.content_string)):
            target = linked_file(page, link)
            if target is None or files.get_file_from_path(site_path(target)):
                continue
            added = File.generated(
                config,
                site_path(target),
                abs_src_path=str(target),
                inclusion=InclusionLevel.INCLUDED,
            )
            files.append(added)
            if added.is_documentation_page():
                waiting.append(added)
    return files


def on_page_markdown(markdown, page, config, files):
    """Turns links to files of the repository into links to files of the site."""
    if page.file.src_uri.startswith("results/"):
        page.meta["hide"] = ["toc"]  # its place is for wide tables

    def turned(match):
        target = linked_file(page.file, match[0])
        if target is None:
            return match[0]
        folder = os.path.dirname(page.file.src_uri)
        return os.path.relpath(site_path(target), folder or ".")

    return LINK.sub(turned, CLASS.sub(r"[`\1`][keras_mdgan.models.\1]", markdown))


def on_page_content(html, page, config, files):
    """Marks tables of figures, whose cells are short, for `css/tables.css`."""

    def marked(match):
        cells = [TAGS.sub("", cell) for cell in CELL.findall(match[0])]
        if max(map(len, cells), default=0) > LONGEST_FIGURE:
            return match[0]
        # A name of several words may break between them.
        table = NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), match[0])
        return f'<div class="figures">{table}</div>'

    return TABLE.sub(marked, html)


def on_post_page(output, page, config):
    """Warns of what a reader's browser would fetch from elsewhere."""
    for address in FETCHED.findall(output):
        LOG.warning("%s would have %s fetched", page.file.src_uri, address)


def linked_file(page, link):
    """The file of the repository that a link of a page leads to, or `None`."""
    target = pathlib.Path(page.abs_src_path).parent.joinpath(link).resolve()
    return target if target.is_file() and target.is_relative_to(ROOT) else None


def site_path(file):
    """Where the site has a file of the repository; `docs/` is the site's root."""
    base = DOCS if file.is_relative_to(DOCS) else ROOT
    return file.relative_to(base).as_posix()
