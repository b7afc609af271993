"""What a feature's deviation is called by somebody who has never seen a spectrum."""

from collections.abc import Iterable

_FAMILIES: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("f0_loudness_correlation",), "pitch that follows loudness", "more", "less"),
    (("loudness_alpha_ratio_correlation",), "pressing when loud", "more", "less"),
    (("f0_contour", "f0_run_slope", "f0_slope", "f0_onset", "f0_offset"), "pitch movement",
     "more rising", "more falling"),
    (("f0_semitone_sd", "f0_semitone_range", "f0_run_range"), "pitch", "more varied", "flatter"),
    (("f0_rise", "f0_fall", "f0_run"), "pitch changes", "quicker", "slower"),
    (("f0_",), "pitch", "higher", "lower"),
    (("loudness_modulation",), "beat of the syllables", "stronger", "weaker"),
    (("loudness_contour", "loudness_slope"), "loudness over time", "more growing", "more fading"),
    (("loudness_db_sd", "loudness_db_range"), "loudness", "more varied", "more even"),
    (("loudness_rise", "loudness_fall"), "onsets", "sharper", "softer"),
    (("loudness_", "energy_"), "loudness", "greater", "lesser"),
    (("alpha_ratio", "hammarberg"), "voice", "mellower", "sharper"),
    (("slope_", "spectral_tilt", "spectral_centroid", "high_band"), "voice", "brighter", "darker"),
    (("spectral_flux", "spectral_pace"), "articulation", "livelier", "duller"),
    (("hnr",), "voice", "clearer", "noisier"),
    (("jitter", "shimmer"), "voice", "rougher", "steadier"),
    (("h1_h2", "h1_a3"), "voice", "breathier", "more pressed"),
    (("f1_", "f2_", "f3_", "formant"), "vowels", "more open or fronted", "more closed or backed"),
    (("pause",), "pausing", "more", "less"),
    (("syllable", "voiced_segments_per_s"), "speaking rate", "faster", "slower"),
    (("voiced_segment_s",), "voiced stretches", "longer", "shorter"),
    (("voiced_fraction",), "voicing", "more", "less"),
    (("duration", "speech_s"), "utterance", "longer", "shorter"),
)  # fmt: skip

_NO_WORDS = ("mfcc", "log_mel")
"""What a person has no words for."""


def words(feature: str, deviation: float) -> tuple[str, str]:
    """(how, what) for a feature this many deviations from usual: ("higher", "pitch")."""
    for prefixes, noun, high, low in _FAMILIES:
        if feature.startswith(prefixes):
            if feature.endswith("_sd") and noun not in ("pitch", "loudness"):
                return ("more varied" if deviation > 0 else "more even"), noun
            return (high if deviation > 0 else low), noun
    return ("greater" if deviation > 0 else "lesser"), feature.replace("_", " ")


def sentence(moved: Iterable[tuple[str, float]], most: int = 3) -> str:
    """Features and their deviations, the most telling first, as one phrase.

    "higher and more varied pitch, faster speaking rate"; what is less than half a deviation from
    usual, what nobody has words for and what contradicts something more telling is left out.
    """
    found: dict[str, list[str]] = {}
    for feature, deviation in moved:
        if abs(deviation) < 0.5 or feature.startswith(_NO_WORDS):
            continue
        how, what = words(feature, deviation)
        if what not in found and len(found) == most:
            continue
        known = found.setdefault(what, [])
        if how not in known and len(known) < 2 and not _contradicts(known, what, how):
            known.append(how)
    return ", ".join(f"{' and '.join(how)} {what}" for what, how in found.items())


def _contradicts(known: list[str], what: str, how: str) -> bool:
    pairs = [{high, low} for _, noun, high, low in _FAMILIES if noun == what]
    pairs.append({"more varied", "more even"})
    return any({one, how} == pair for one in known for pair in pairs)
