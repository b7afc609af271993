"""Made-up but plausible rounds for the tests of the reports."""

import numpy as np
import pandas as pd

from labels.scheme import Scheme
from reports.round_report import HeldOut, RoundReport

SCHEME = Scheme.default()
METRIC = "log_loss on held-out gold"
CLASSES = SCHEME.classes
SOUND = "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA="


def proba_near(truth: np.ndarray, seed: int, sureness: float = 1.6) -> np.ndarray:
    """Probabilities (n, k) that lean to the truth."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(truth), len(CLASSES)))
    logits[np.arange(len(truth)), truth] += sureness
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def scored(n: int, seed: int = 0) -> pd.DataFrame:
    """A pool as the model scores it."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(CLASSES), n, p=[0.18, 0.07, 0.12, 0.16, 0.27, 0.15, 0.05])
    frame = pd.DataFrame(proba_near(truth, seed), columns=[f"p_{name}" for name in CLASSES])
    vad = np.array([emotion.vad for emotion in SCHEME.emotions])[truth]
    for j, name in enumerate(("valence", "arousal", "dominance")):
        frame[f"{name}_mean"] = np.clip(3 + 1.5 * vad[:, j] + rng.normal(0, 0.5, n), 1, 5)
    frame["confidence"] = rng.uniform(0, 1, n).round(1)
    frame.insert(0, "segment_id", [f"seg-{i:05d}" for i in range(n)])
    return frame


def round_rows(n: int) -> list[dict]:
    """Summary rows as rounds.round.summary makes them."""
    rows = []
    for r in range(1, n + 1):
        lift = 1 - 0.6**r
        row = {
            "round": r, "n_segments": 264, "n_judgements": 2880 + 48 * (r - 1),
            "n_gold": 36 * (r - 1), "weak_coverage": 0.9432, "n_functions": 14,
            "champion_moved": r in (2, 3), "version": str(r), "weak_labels.uar": 0.581,
            "weak_labels.n": 190,
        }  # fmt: skip
        for yardstick, least in (("reference", 1), ("held_out_gold", 2)):
            if r >= least:
                row |= {
                    f"{yardstick}.n": 66 if yardstick == "reference" else 12 * (r - 1),
                    f"{yardstick}.uar": 0.45 + 0.35 * lift - (0.06 if least == 2 else 0),
                    f"{yardstick}.macro_f1": 0.43 + 0.35 * lift,
                    f"{yardstick}.ece": 0.19 - 0.12 * lift + (0.05 if least == 2 else 0),
                    f"{yardstick}.log_loss": 1.4 - 0.5 * lift,
                }
        row |= {
            "reference.ccc_valence": 0.2 + 0.3 * lift,
            "reference.ccc_arousal": 0.5 + 0.3 * lift,
            "reference.ccc_dominance": float("nan"),
        }
        rows.append(row)
    return rows


def sources(n_crowd: int = 12, seed: int = 0) -> pd.DataFrame:
    """Labelling functions and a crowd, on emotion and arousal."""
    rng = np.random.default_rng(seed)
    functions = (
        "shouting", "tense_voice", "flat_and_slow", "bright_and_lively", "trembling", "quick_rise",
        "hushed", "reads_transcript", "wide_pitch", "breathy_low",
    )  # fmt: skip
    names = [("function", f"function:{name}") for name in functions]
    names += [("crowd", f"crowd:annotator-{i:02d}") for i in range(1, n_crowd + 1)]
    rows = []
    for dimension in ("emotion", "arousal"):
        for kind, name in names:
            coverage = rng.uniform(0.05, 0.6)
            overlaps = coverage * rng.uniform(0.7, 1)
            accuracy = rng.uniform(0.35, 0.92)
            rows.append(
                {
                    "dimension": dimension, "source": name, "kind": kind,
                    "n_votes": int(264 * coverage), "coverage": coverage, "overlaps": overlaps,
                    "conflicts": overlaps * rng.uniform(0.1, 0.9), "accuracy": accuracy,
                    "low": max(accuracy - 0.1, 0), "high": min(accuracy + 0.08, 1), "chance": 0.3,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def batch(n: int, audio: str | None = None) -> pd.DataFrame:
    """A batch with a slice for judging."""
    judged = np.arange(n) % 4 == 3
    return pd.DataFrame(
        {
            "rank": np.arange(1, n + 1),
            "segment_id": [f"7d1f0c{i:02d}a9-0.000-2.412" for i in range(n)],
            "purpose": np.where(judged, "evaluation", "query"),
            "reason": np.where(
                judged,
                "random slice: judges the model on voices it does not train on",
                "unsure between anger (0.41) and fear (0.38); unlike anything judged so far",
            ),
            "speaker": [f"voice-{i % 6}" for i in range(n)],
            "duration_s": np.linspace(0.8, 6.4, n),
            "audio": audio,
        }
    )


def full_report() -> RoundReport:
    """A third round with everything there is."""
    rng = np.random.default_rng(3)
    truth = rng.choice([0, 2, 3, 4, 5, 6], 66)
    return RoundReport(
        title="Round 3 of the demo",
        classes=CLASSES,
        rounds=round_rows(3),
        synthetic=True,
        data_note="264 clips spoken by espeak-ng in 8 voices; no person was recorded.",
        scales=SCHEME.scales,
        sources=sources(),
        label_model={
            "emotion": {"winner": "label model", "coverage": 0.94, "calibrator": "temperature 1.8",
                        "why": "log-loss 0.91 against 1.02 on 36 gold clips"},
            "arousal": {"winner": "majority", "coverage": 0.88},
        },
        held_out=HeldOut("the labels that came with the corpus", truth, proba_near(truth, 3), 2),
        pool=scored(264),
        soft=scored(264, seed=1),
        batch=batch(16, SOUND),
        champion=[
            {"round": 1, "moved": True, "from_version": None, "to_version": "1", "old_score": None,
             "new_score": None, "metric": METRIC, "reason": "the first model"},
            {"round": 2, "moved": False, "from_version": "1", "to_version": "1", "old_score": 1.21,
             "new_score": 1.24, "metric": METRIC, "reason": "not better on 12"},
        ],
        quarantine=[
            {"uri": "clips/broken.wav", "where": "manifest.csv line 12",
             "reason": "is truncated: 48000 frames promised, 31000 there"},
        ],
        problems=["my_functions/loud.py: KeyError 'loudnes' (left out; the round went on)"],
        next_commands=[
            ("undertone batch export round-3 --out batch.csv", "Send the batch to an expert."),
            ("undertone batch import judged.csv", "Take the answers back in."),
            ("undertone round", "Begin the next round."),
        ],
        paths={"Workspace": "demo", "MLflow": "sqlite:///demo/mlflow.db"},
    )  # fmt: skip


def minimal_report() -> RoundReport:
    """One round, no gold, no references, nothing else."""
    return RoundReport(
        title="Round 1",
        classes=CLASSES,
        rounds=[{"round": 1, "n_segments": 1, "n_judgements": 0, "n_gold": 0, "weak_coverage": 0.0,
                 "n_functions": 0, "champion_moved": False, "version": None}],
    )  # fmt: skip


def curve(n_seeds: int = 3) -> pd.DataFrame:
    """A simulated learning curve of three strategies."""
    rng = np.random.default_rng(0)
    rows = []
    for strategy, rate in (("random", 90), ("margin", 60), ("cluster-margin", 50)):
        for seed in range(n_seeds):
            for n in range(14, 225, 14):
                uar = 0.2 + 0.6 * (1 - np.exp(-n / rate)) + rng.normal(0, 0.015)
                rows.append((strategy, seed, n, uar, uar - 0.02, 0.2 * np.exp(-n / rate) + 0.05))
    return pd.DataFrame(rows, columns=["strategy", "seed", "n_labels", "uar", "macro_f1", "ece"])
