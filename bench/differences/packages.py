"""Package URLs and names, read once more: on purpose not by the code that is compared.

purl-spec: https://github.com/package-url/purl-spec; names as advisories write them: https://ossf.github.io/osv-schema/#affectedpackage-field
"""

import re
from urllib.parse import quote, unquote

# How an advisory joins namespace and name; of types that are not here the namespace is no part of the name.
JOINED_BY = {"maven": ":", "npm": "/", "golang": "/", "composer": "/", "swift": "/", "github": "/", "githubactions": "/"}


class Purl:
    """The parts of a package URL, decoded."""

    def __init__(self, text: str):
        scheme, _, rest = text.partition(":")
        if scheme.lower() != "pkg" or "/" not in rest:
            raise ValueError(text)
        rest, _, subpath = rest.lstrip("/").partition("#")
        rest, _, qualifiers = rest.partition("?")
        head, at, version = rest.rpartition("@")
        if not at or not head.strip("/") or "/" in version:
            head, version = rest, ""
        parts = [unquote(part) for part in head.strip("/").split("/")]
        self.kind = parts[0].lower()
        self.namespace = "/".join(parts[1:-1])
        self.name = parts[-1]
        self.version = unquote(version)
        self.subpath = unquote(subpath).strip("/")
        pairs = (pair.partition("=") for pair in qualifiers.split("&") if pair)
        self.qualifiers = {key.lower(): unquote(value) for key, _, value in pairs}

    def own_name(self) -> str:
        """The name by which an advisory of the type's ecosystem would call this package itself."""
        sign = JOINED_BY.get(self.kind)
        return f"{self.namespace}{sign}{self.name}" if sign and self.namespace else self.name

    def source(self) -> tuple[str, str]:
        """The source package and its version, where the package URL names it; else empty."""
        text = next((self.qualifiers[key] for key in ("upstream", "source", "origin") if self.qualifiers.get(key)), "")
        if self.kind == "rpm" and text.endswith(".src.rpm"):
            name, version, release = text.removesuffix(".src.rpm").rsplit("-", 2)
            return name, f"{version}-{release}"
        name, _, version = text.partition("@")
        return name, version

    def spellings(self) -> set[str]:
        """Every name that a scanner may show for it, in lower case."""
        own = self.own_name()
        names = {self.name, own, f"{self.namespace}/{self.name}", f"{self.namespace}:{self.name}"}
        if (self.kind, own) == ("golang", "std"):
            names.add("stdlib")
        if self.subpath:
            major = re.search(r"v[0-9]+", self.subpath)
            names |= {f"{own}/{self.subpath}"} | ({f"{own}/{major[0]}"} if major else set())
        return {name.lower() for name in names}


def purl_of(component: dict):
    """The package URL of a component of `bedrail scan --format json`; nothing where there is none that can be read."""
    try:
        return Purl(component.get("purl") or "")
    except ValueError:
        return None


def named_alike(component: dict):
    """A component with nothing but what both scanners read alike: the name as advisories write it (the source package, where
    the type has them), the version, and a package URL of the same. Nothing where there is no package URL or version."""
    purl = purl_of(component)
    if purl is None or not purl.version:
        return None
    kind, namespace = purl.kind, purl.namespace
    if kind == "alpine":
        kind, namespace = "apk", "alpine"
    name, version = purl.own_name(), purl.version
    if kind in ("deb", "apk"):
        source, own_version = purl.source()
        name, version = source or purl.name, own_version or version
        epoch = purl.qualifiers.get("epoch")
        version = f"{epoch}:{version}" if epoch and ":" not in version else version
    elif kind == "golang" and purl.own_name() in ("std", "stdlib"):
        name, version = "stdlib", version.removeprefix("go")
    elif kind == "golang" and purl.subpath:
        return None  # Which module it is depends on who wrote it; the documents as they are have these.
    path = name.replace(":", "/") if kind == "maven" else name
    if kind in ("deb", "apk", "rpm") and namespace:
        path = f"{namespace}/{name}"
    distro = purl.qualifiers.get("distro", "")
    text = f"pkg:{kind}/{quote(path, safe='/')}@{quote(version, safe='')}" + (f"?distro={quote(distro)}" if distro else "")
    return {"type": "library", "bom-ref": text, "name": name, "version": version, "purl": text}
