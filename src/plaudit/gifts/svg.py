"""Pictures that operators upload: an SVG of shapes and nothing else, read and written anew before it is kept.

What could run, reach out of the file, or grow without end is refused in words; what editors leave behind (their own
elements, comments, names) is left out. No entity is ever read: a file with a DOCTYPE is refused before its first one.
"""

import re
from collections.abc import Iterator
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from msgspec import Struct

from plaudit.foundation.errors import Invalid

MOST_BYTES = 20 * 1024
MOST_DRAWN = 4_000
"""How many shapes at most are drawn, those counted again that are used again."""

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"
_SIDE = "128"
_DEEPEST = 32
_MOST_USES_INSIDE = 6
_FROM_EDITORS = re.compile(
    r"http://(www\.inkscape\.org|sodipodi\.sourceforge\.net|www\.w3\.org/1999/02/22-rdf|creativecommons\.org/ns"
    r"|purl\.org/dc|ns\.adobe\.com|www\.bohemiancoding\.com|www\.serif\.com|vectornator\.io)"
)
_NOT_DRAWN = frozenset(("title", "desc", "metadata"))
_ELEMENTS = frozenset(
    """
    svg g defs use symbol path circle ellipse rect line polyline polygon linearGradient radialGradient stop clipPath
    mask filter feGaussianBlur feOffset feMerge feMergeNode feFlood feComposite feColorMatrix feBlend feDropShadow
    """.split()
)
_ATTRIBUTES = frozenset(
    """
    id viewBox width height preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points pathLength transform
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-dasharray stroke-dashoffset opacity color display visibility clip-path clip-rule mask filter paint-order
    gradientUnits gradientTransform spreadMethod offset stop-color stop-opacity clipPathUnits maskUnits
    maskContentUnits mask-type filterUnits primitiveUnits in in2 result stdDeviation dx dy operator k1 k2 k3 k4 type
    values mode flood-color flood-opacity color-interpolation-filters overflow vector-effect mix-blend-mode isolation
    """.split()
)
_CALL = re.compile(r"([\w-]*)\s*\(")
_URL = re.compile(r"url\s*\(", re.IGNORECASE)
_OWN_URL = re.compile(r"""url\(\s*(['"]?)#[\w.:-]+\1\s*\)""")
_FUNCTIONS = frozenset("url rgb rgba hsl hsla matrix translate scale rotate skewX skewY".split())
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(px)?")


class Node(Struct):
    """One element as it was read."""

    name: str
    attributes: dict[str, str]
    children: list["Node"]


def clean_svg(content: bytes) -> bytes:
    """The picture as it is kept, 128 by 128 where nothing else is asked for. Raises Invalid saying what is wrong."""
    if len(content) > MOST_BYTES:
        raise _wrong(f"A picture has at most {MOST_BYTES // 1024} kB; this one has {-(-len(content) // 1024)} kB.")
    root = _read(content)
    _require_bounded(root)
    root.attributes = {"xmlns": _SVG, **_sized(root.attributes)}
    cleaned = "".join(_write(root)).encode()
    if len(cleaned) > MOST_BYTES:
        raise _wrong(f"A picture has at most {MOST_BYTES // 1024} kB, also when it is written anew.")
    return cleaned


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, field="art")


def _read(content: bytes) -> Node:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("This isn't an SVG: it can't be read as text in UTF-8.") from None
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode(), True)
    except expat.ExpatError as problem:
        raise _wrong(f"This isn't an SVG that can be read: {expat.ErrorString(problem.code)}.") from None
    if reader.root is None:
        raise _wrong("This isn't an SVG: its first element is another one.")
    return reader.root


class _Reader:
    """Builds the tree while expat reads, and refuses at the first thing that has no place in it."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._left_out = 0
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.ProcessingInstructionHandler = self._refuse_instruction
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse_doctype(self, *_: object) -> None:
        raise _wrong("A picture has no DOCTYPE and no entities.")

    def _refuse_instruction(self, target: str, _: str) -> None:
        raise _wrong(f"A picture has no processing instructions; this one has <?{target[:40]}?>.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._left_out or _is_left_out(name):
            _require_harmless(name)
            self._left_out += 1
            return
        node = Node(_element(name), dict(_kept(name, attributes)), [])
        if len(self._open) >= _DEEPEST:
            raise _wrong(f"A picture's elements lie at most {_DEEPEST} deep in each other.")
        if self._open:
            self._open[-1].children.append(node)
        elif node.name != "svg":
            raise _wrong("This isn't an SVG: its first element is another one.")
        self.root = self.root or node
        self._open.append(node)

    def _end(self, _: str) -> None:
        if self._left_out:
            self._left_out -= 1
        else:
            self._open.pop()


def _is_left_out(name: str) -> bool:
    space, _, plain = name.rpartition(" ")
    return _FROM_EDITORS.match(space) is not None or (space == _SVG and plain in _NOT_DRAWN)


def _require_harmless(name: str) -> None:
    """What is left out is never kept; but a script in it was put there on purpose."""
    if name.rpartition(" ")[2].lower() in ("script", "foreignobject", "iframe"):
        raise _wrong(f"A picture has shapes only, no <{name.rpartition(' ')[2]}>.")


def _element(name: str) -> str:
    space, _, plain = name.rpartition(" ")
    if space != _SVG:
        raise _wrong(f'This isn\'t an SVG of its name space (xmlns="{_SVG}"): <{plain[:40]}>.')
    if plain not in _ELEMENTS:
        raise _wrong(f"A picture has shapes only, no <{plain[:40]}>.")
    return plain


def _kept(element: str, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in attributes.items():
        if name in ("href", _XLINK_HREF):
            if not re.fullmatch(r"#[\w.:-]+", value.strip()):
                raise _wrong("A picture refers to nothing outside of itself: every href begins with #.")
            yield "href", value.strip()
        elif name.lower().startswith("on"):
            raise _wrong(f"A picture has no scripts; <{element.rpartition(' ')[2]}> has {name[:40]}.")
        elif name.lower() == "style":
            raise _wrong('A picture has attributes like fill="…" in the place of style="…".')
        elif name in _ATTRIBUTES:
            yield name, _take_value(name, value)


def _take_value(name: str, value: str) -> str:
    """These values are read as CSS, where a function could load something and a backslash could hide its name."""
    if "\\" in value or not set(_CALL.findall(value)) <= _FUNCTIONS | {""}:
        raise _wrong(f"In a picture, {name} has a plain value.")
    if len(_URL.findall(value)) != len(_OWN_URL.findall(value)):
        raise _wrong(f"A picture refers to nothing outside of itself; its {name} does.")
    return value


def _sized(attributes: dict[str, str]) -> dict[str, str]:
    """With a view box and a size: some browsers draw no picture without them on a canvas."""
    if "viewBox" in attributes:
        return {**attributes, "width": _SIDE, "height": _SIDE}
    sides = [_LENGTH.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height")]
    if not all(sides):
        raise _wrong('The first element needs a view box, like viewBox="0 0 128 128".')
    box = " ".join(["0 0", *(side[1] for side in sides if side)])
    return {**attributes, "viewBox": box, "width": _SIDE, "height": _SIDE}


def _require_bounded(root: Node) -> None:
    """A few lines can ask for millions of shapes: each <use> of a <use> multiplies them."""
    by_id = {node.attributes["id"]: node for node in _walk(root) if "id" in node.attributes}
    drawn, waiting = 0, [(root, 0)]
    while waiting:
        node, inside = waiting.pop()
        drawn += 1
        waiting += [(child, inside) for child in node.children]
        used = by_id.get(node.attributes.get("href", "")[1:]) if node.name == "use" else None
        if used is not None:
            waiting.append((used, inside + 1))
        if drawn > MOST_DRAWN or inside > _MOST_USES_INSIDE:
            raise _wrong("This picture draws too many shapes: its <use> elements repeat each other.")


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _write(node: Node) -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())
    if not node.children:
        yield f"<{node.name}{attributes}/>"
        return
    yield f"<{node.name}{attributes}>"
    for child in node.children:
        yield from _write(child)
    yield f"</{node.name}>"
