"""Who is learnt from and who is tested on: no speaker, and no sound, is on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labels.scheme import Scheme
from models.folds import speaker_folds
from rounds.corpus_reading import Corpus
from rounds.corpus_training import class_index

MOST_LOSO = 20
"""With more speakers than this they are dealt to folds unless leave-one-out is asked for."""

N_FOLDS = 10

ALL = -1
"""As a number of enrolment utterances: all there are."""

ENROLMENTS = (0, 2, 5, 10, 20, ALL)


@dataclass(frozen=True)
class Plan:
    """What is asked: `protocol` is loso, folds or "" (by the number of speakers); `enrol` how many
    unlabelled utterances of a test speaker are known (ALL: all); `emotions` restricts the labels
    (empty: all that train and test share)."""

    protocol: str = ""
    enrol: int = ALL
    seed: int = 0
    n_folds: int = N_FOLDS
    emotions: tuple[str, ...] = ()


def emotions_of(corpus: Corpus, scheme: Scheme, plan: Plan) -> tuple[str, ...]:
    """The emotions told apart, in the scheme's order."""
    found = _found(corpus, scheme, plan)
    if len(found) < 2 and not np.isfinite(corpus.ratings).any():
        shown = ", ".join(sorted(found)) or "none"
        raise ValueError(
            f"{corpus.source} has fewer than two emotions to tell apart (found: {shown})"
        )
    return found or scheme.classes


def _found(corpus: Corpus, scheme: Scheme, plan: Plan) -> tuple[str, ...]:
    asked = {scheme.resolve(name) for name in plan.emotions}
    found = {str(name) for name in corpus.emotions if name}
    order = [n for emotion in scheme.emotions for n in (emotion.name, *emotion.finer)]
    return tuple(n for n in order if n in found and (n in asked or not asked))


def usable(corpus: Corpus, leaves: Sequence[str]) -> Corpus:
    """Its segments that have one of these emotions, or a rating."""
    told = class_index(corpus.emotions, leaves) >= 0
    return corpus.rows(told | np.isfinite(corpus.ratings).any(axis=1))


def shared(
    test: Corpus, train: Corpus, scheme: Scheme, plan: Plan
) -> tuple[Corpus, Corpus, tuple[str, ...]]:
    """Both corpora under the emotions they share; one that only one side has counts as the
    parent that its scheme gives it, and is left out where the other has not even that."""
    own, other = ({str(n) for n in one.emotions if n} for one in (test, train))

    def mapped(corpus: Corpus, theirs: set[str]) -> Corpus:
        emotions = [
            n if not n or n in theirs else scheme.basic(n) for n in map(str, corpus.emotions)
        ]
        return replace(corpus, emotions=np.array(emotions))

    test, train = mapped(test, other), mapped(train, own)
    theirs = _found(train, scheme, plan)
    leaves = tuple(n for n in _found(test, scheme, plan) if n in theirs)
    if len(leaves) < 2:
        raise ValueError(
            f"{test.source} and {train.source} share fewer than two emotions "
            f"({', '.join(sorted(own))} / {', '.join(sorted(other))})"
        )
    return usable(test, leaves), usable(train, leaves), leaves


def apart(train: Corpus, test: Corpus, notes: list[str]) -> Corpus:
    """The training corpus without speakers and sounds that the test has too."""
    heard = {row.tobytes() for row in test.features}
    same_speaker = np.isin(train.speakers, sorted(set(test.speakers)))
    same_sound = np.array([row.tobytes() in heard for row in train.features], dtype=bool)
    drop = same_speaker | same_sound
    if drop.all():
        raise ValueError(
            f"{train.source} has no speaker that {test.source} has not: nothing to train on"
        )
    if drop.any():
        notes.append(
            f"left out of training, for the test has them too: {int(drop.sum())} segments "
            f"({int(same_speaker.sum())} of its speakers)"
        )
    return train.rows(~drop)


def deal(corpus: Corpus, plan: Plan, notes: list[str]) -> tuple[np.ndarray, int, str]:
    """(fold of each row, how many, what is held out)."""
    speakers = corpus.speakers
    nameless = corpus.about["speaker"].isna().to_numpy()
    n_speakers = len(set(speakers))
    if n_speakers < 2:
        raise ValueError(
            f"{corpus.source} has one speaker: nobody is left to test on (two are needed, or "
            "--train OTHER)"
        )
    if nameless.any():
        notes.append(
            f"no speaker is given for {int(nameless.sum())} of {len(nameless)} segments: each "
            "counts as a speaker of its own, and a voice may be on both sides"
        )
    protocol = plan.protocol or ("loso" if n_speakers <= MOST_LOSO else "folds")
    if protocol == "loso":
        return np.unique(speakers, return_inverse=True)[1], n_speakers, "speaker"
    dealt = speaker_folds(
        speakers, np.ones(len(speakers)), n_folds=min(plan.n_folds, n_speakers), seed=plan.seed
    )
    return dealt.of_row, dealt.n_folds, "fold of speakers"
