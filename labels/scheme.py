"""The emotion scheme: which emotions there are, as a tree, and on which scales they are rated."""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

from labels.scheme_shape import check_shape


class SchemeError(ValueError):
    """A scheme file, or a label under a scheme, that does not hold; the message is one line."""


@dataclass(frozen=True)
class Emotion:
    """A node at the top of the tree: a class that rounds work with, and what lies below it.

    `vad` is (valence, arousal, dominance), each in [-1, 1], or None where the scheme gives none.
    """

    name: str
    aliases: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()
    vad: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Scale:
    """An ordinal dimension: ratings are numbers in [low, high], told apart in `n_bins` steps."""

    name: str
    low: float
    high: float
    n_bins: int
    low_means: str = ""
    high_means: str = ""

    def parse(self, value: object) -> float:
        """The rating as a float. Raises SchemeError when it is no number in [low, high]."""
        try:
            number = float(str(value).strip())
        except ValueError:
            number = float("nan")
        if not self.low <= number <= self.high:
            raise SchemeError(
                f"{self.name} {value!r} is not a number from {self.low:g} to {self.high:g}"
            )
        return number

    def to_bin(self, ratings: ArrayLike) -> NDArray[np.int64]:
        """Ratings (any shape, in [low, high]) as bin indices 0..n_bins-1."""
        share = (np.asarray(ratings, dtype=float) - self.low) / (self.high - self.low)
        return np.clip(np.rint(share * (self.n_bins - 1)), 0, self.n_bins - 1).astype(np.int64)

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """The ratings that the bins stand for: (n_bins,), from low to high."""
        return np.linspace(self.low, self.high, self.n_bins)

    def from_unit(self, unit: float) -> float:
        """A place in [-1, 1] (as the literature's norms give it) on this scale."""
        return self.low + (unit + 1) / 2 * (self.high - self.low)


@dataclass(frozen=True)
class Scheme:
    """Emotions (the classes of the `emotion` dimension, in order) and ordinal scales.

    `emotion` is always a dimension; every scale is one more. `class_shares` is how common the
    classes are where the scheme says so: they add up to 1, in the order of `emotions`.
    """

    name: str
    version: str
    emotions: tuple[Emotion, ...]
    scales: tuple[Scale, ...]
    min_experts: int = 1
    class_shares: tuple[float, ...] | None = None

    @classmethod
    def default(cls) -> "Scheme":
        """The scheme that ships: seven basic emotions, valence, arousal, dominance, intensity."""
        text = resources.files("labels").joinpath("scheme.yaml").read_text(encoding="utf-8")
        return cls.parse(text, "the default scheme")

    @classmethod
    def load(cls, path: Path) -> "Scheme":
        """The scheme in a YAML file. Raises SchemeError in one line that names the file."""
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise SchemeError(f"scheme {path} is not UTF-8 (byte {error.start})") from error
        except OSError as error:
            raise SchemeError(f"scheme {path} cannot be read: {error.strerror}") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, origin: str) -> "Scheme":
        """The scheme in a YAML text; `origin` names it in errors."""
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            reason = " ".join(str(error).split())
            raise SchemeError(f"scheme {origin} is not YAML: {reason}") from error
        try:
            scheme = _build(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            what = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise SchemeError(f"scheme {origin}: {what}") from error
        return scheme

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the top emotions, in the order of every probability column."""
        return tuple(emotion.name for emotion in self.emotions)

    def shares(self, dimension: str) -> NDArray[np.float64] | None:
        """How common a dimension's classes are (k,), None where the scheme does not say."""
        said = self.class_shares if dimension == "emotion" else None
        return None if said is None else np.array(said)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """`emotion`, then the scales' names."""
        return ("emotion", *(scale.name for scale in self.scales))

    @cached_property
    def digest(self) -> str:
        """A short hash of all that the scheme says; part of the name of what is made under it."""
        parts = (self.name, self.version, self.emotions, self.scales, self.min_experts)
        said = repr(parts if self.class_shares is None else (*parts, self.class_shares))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @cached_property
    def _canonical(self) -> Mapping[str, str]:
        known: dict[str, str] = {}
        for emotion in self.emotions:
            for finer in emotion.finer:
                known[finer.casefold()] = finer
            for alias in (emotion.name, *emotion.aliases):
                known[alias.casefold()] = emotion.name
        return known

    def resolve(self, label: object) -> str:
        """The scheme's own name (basic or finer) of an emotion; case and aliases are forgiven.

        Raises SchemeError with near misses for a name that the scheme does not know.
        """
        key = str(label).strip().casefold()
        if key in self._canonical:
            return self._canonical[key]
        near = difflib.get_close_matches(key, self._canonical, n=2, cutoff=0.75)
        names = list(dict.fromkeys(self._canonical[n] for n in near))
        known = f"known: {', '.join(self.classes)}"
        hint = f"did you mean {' or '.join(names)}?" if names else known
        raise SchemeError(f"unknown emotion {str(label).strip()!r} ({hint})")

    def basic(self, label: object) -> str:
        """The class (top of the tree) that an emotion belongs to. Raises SchemeError."""
        name = self.resolve(label)
        for emotion in self.emotions:
            if name == emotion.name or name in emotion.finer:
                return emotion.name
        raise SchemeError(f"unknown emotion {name!r}")  # pragma: no cover - resolve() knows it

    def class_index(self, label: object) -> int:
        """The column of an emotion's class. Raises SchemeError."""
        return self.classes.index(self.basic(label))

    def scale(self, name: str) -> Scale:
        """The scale of that name. Raises SchemeError."""
        for scale in self.scales:
            if scale.name == name:
                return scale
        raise SchemeError(f"unknown dimension {name!r} (known: {', '.join(self.dimensions)})")

    def n_classes(self, dimension: str) -> int:
        """How many values the label model tells apart on a dimension."""
        return len(self.classes) if dimension == "emotion" else self.scale(dimension).n_bins

    def parse_value(self, dimension: str, value: object) -> str:
        """A judgement on a dimension in the form the records keep: a name, or a plain number.

        Raises SchemeError for a value (or dimension) the scheme does not have.
        """
        if dimension == "emotion":
            return self.resolve(value)
        return f"{self.scale(dimension).parse(value):g}"

    def value_index(self, dimension: str, value: object) -> int:
        """A judgement on a dimension as a class index: the emotion's class or the scale's bin."""
        if dimension == "emotion":
            return self.class_index(value)
        scale = self.scale(dimension)
        return int(scale.to_bin(scale.parse(value)))


def _build(raw: Any) -> Scheme:
    check_shape(raw)
    emotions = tuple(
        Emotion(
            name=str(node["name"]),
            aliases=tuple(str(alias) for alias in node.get("aliases") or ()),
            finer=tuple(str(finer) for finer in node.get("finer") or ()),
            vad=_vad(node),
        )
        for node in raw["emotions"]
    )
    scales = tuple(
        Scale(
            name=str(node["name"]),
            low=float(node["low"]),
            high=float(node["high"]),
            n_bins=int(node["n_bins"]),
            low_means=str(node.get("low_means", "")),
            high_means=str(node.get("high_means", "")),
        )
        for node in raw.get("scales") or ()
    )
    _check(emotions, scales)
    gold = raw.get("gold") or {}
    return Scheme(
        name=str(raw.get("name", "unnamed")),
        version=str(raw.get("version", "1")),
        emotions=emotions,
        scales=scales,
        min_experts=int(gold.get("min_experts", 1)),
        class_shares=_class_shares(raw.get("class_shares"), emotions),
    )


def _class_shares(given: Any, emotions: tuple[Emotion, ...]) -> tuple[float, ...] | None:
    names = [emotion.name for emotion in emotions]
    if given is None:
        return None
    if given == "uniform":
        return (1 / len(names),) * len(names)
    if not isinstance(given, Mapping) or set(given) != set(names):
        raise ValueError(f"`class_shares` must be `uniform` or a share of each of {names}")
    shares = [float(given[name]) for name in names]
    if min(shares) <= 0 or abs(sum(shares) - 1) > 0.01:
        raise ValueError(f"`class_shares` must be above 0 and add up to 1, not {sum(shares):g}")
    return tuple(share / sum(shares) for share in shares)


def _vad(node: Mapping[str, Any]) -> tuple[float, float, float] | None:
    if node.get("vad") is None:
        return None
    valence, arousal, dominance = (float(x) for x in node["vad"])
    if max(abs(valence), abs(arousal), abs(dominance)) > 1:
        raise ValueError(f"vad of {node['name']} must be three numbers from -1 to 1")
    return valence, arousal, dominance


def _check(emotions: tuple[Emotion, ...], scales: tuple[Scale, ...]) -> None:
    if len(emotions) < 2:
        raise ValueError("`emotions` needs at least two classes")
    names = [n.casefold() for e in emotions for n in dict.fromkeys((e.name, *e.aliases, *e.finer))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the name {twice[0]!r} stands twice among emotions and aliases")
    for place, scale in enumerate(scales):
        if scale.name in [earlier.name for earlier in scales[:place]]:
            raise ValueError(f"the scale {scale.name!r} stands twice")
        if not scale.low < scale.high or scale.n_bins < 2:
            raise ValueError(f"scale {scale.name} needs low < high and n_bins of 2 or more")
        if scale.name == "emotion":
            raise ValueError("a scale cannot be called 'emotion'")
