"""What a workspace holds, written so that two that went the same way are equal.

Left out: instants and durations, numbers that MLflow draws at random, and how the features are
cut into files (a resumed ingest cuts them otherwise; what is in them must be the same).
"""

import json
import re
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from db.schema import metadata

_TIMES = {
    "added_at", "seen_at", "created_at", "completed_at", "judged_at", "received_at", "first_seen",
    "last_seen", "resolved_at", "started_at", "finished_at", "decided_at", "at", "acquired_at",
    "expires_at", "seconds", "mtime_ns", "mlflow_run_id",
}  # fmt: skip
_NUMBERED = {"seq", "id", "judgement_seq"}  # compared by order: a failed insert may skip one
_RANDOM = re.compile(r"\b[0-9a-f]{32}\b|m-[0-9a-f]{32}")
_BEGUN = re.compile(r"(?<=begun )[0-9T:.+-]+")
_PULL_COUNTS = {
    "n_new", "n_segments", "n_unchanged", "n_duplicates", "n_labels", "n_resolved", "hours",
}  # fmt: skip


def records(home: Path) -> dict[str, list]:
    """Every table's rows."""
    engine = sa.create_engine(f"sqlite:///{home}/.undertone/undertone.db")
    out = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [c for c in table.columns if c.name not in _TIMES]
            order = table.primary_key.columns
            query = sa.select(*columns).order_by(*order)
            rows = [dict(row._mapping) for row in connection.execute(query)]
            for row in rows:
                for column in columns:
                    if column.name in _NUMBERED and isinstance(row[column.name], int):
                        del row[column.name]
            if table.name == "artifact":
                rows = [row for row in rows if row["kind"] != "features"]
            if table.name == "round_step":
                rows = [{**row, "result": _result(row["step"], row["result"])} for row in rows]
            if "judgement_seq" not in table.columns:
                rows.sort(key=str)
            out[table.name] = rows
    engine.dispose()
    return out


def artifacts(home: Path) -> dict[str, object]:
    """Every file below the artifacts folder by its path; features as one table."""
    folder = home / ".undertone" / "artifacts"
    out: dict[str, object] = {}
    features = []
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_dir():
            continue
        if name.startswith("features/") and file.suffix == ".parquet":
            features.append(pd.read_parquet(file))
        elif file.name == "report.json":
            out[name] = _timeless(json.loads(file.read_text(encoding="utf-8")))
        else:
            out[name] = file.read_bytes()
    if features:
        table = pd.concat(features).sort_values("segment_id", ignore_index=True)
        out["features"] = (len(table), table.to_csv())
    return out


def tracked(home: Path) -> dict[str, object]:
    """What MLflow holds that is not deleted: runs, models, versions, the alias."""
    from models.mlflow_setup import quiet_mlflow

    mlflow = quiet_mlflow()
    uri = f"sqlite:///{home}/.undertone/mlflow.db"
    client = mlflow.MlflowClient(uri, uri)
    experiments = [e.experiment_id for e in client.search_experiments()]
    runs = client.search_runs(experiments)
    name_of = {run.info.run_id: run.info.run_name for run in runs}
    models = client.search_logged_models(experiments)
    versions = client.search_model_versions("")
    aliases = {m.name: dict(m.aliases) for m in client.search_registered_models()}
    return {
        "runs": sorted((_run(client, run, name_of) for run in runs), key=str),
        "models": sorted((name_of[m.source_run_id], str(m.status)) for m in models),
        "versions": sorted(
            (v.name, int(v.version), name_of[v.run_id], _timeless(dict(v.tags))) for v in versions
        ),
        "aliases": {name: {k: int(v) for k, v in found.items()} for name, found in aliases.items()},
    }


def whole(home: Path) -> dict[str, object]:
    """All of it."""
    return {"records": records(home), "artifacts": artifacts(home), "mlflow": tracked(home)}


def differences(found: object, wanted: object, where: str = "") -> list[str]:
    """Where two such descriptions part, a line each."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = sorted(set(found) | set(wanted), key=str)
        parts = [(f"{where}/{key}", found.get(key), wanted.get(key)) for key in keys]
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        parts = [(f"{where}[{i}]", a, b) for i, (a, b) in pairs]
    else:
        return [] if found == wanted else [f"{where}: {found!r:.400} is not {wanted!r:.400}"]
    return [line for at, a, b in parts for line in differences(a, b, at)]


def _run(client, run, name_of) -> dict:
    tags = {
        key: _named(value, name_of)
        for key, value in run.data.tags.items()
        if key.startswith("undertone.") or key == "mlflow.parentRunId"
    }
    metrics = {k: v for k, v in run.data.metrics.items() if not k.endswith("seconds")}
    outputs = len(run.outputs.model_outputs) if run.outputs else 0
    files = sorted(file.path for file in client.list_artifacts(run.info.run_id))
    return {
        "name": run.info.run_name,
        "tags": tags,
        "params": _timeless(dict(run.data.params)),
        "metrics": metrics,
        "status": run.info.status,
        "files": files,
        "n_models": outputs,
    }


def _named(text: str, name_of: dict[str, str]) -> str:
    for run_id, name in name_of.items():
        text = text.replace(run_id, name)
    return _BEGUN.sub("THEN", text)


def _result(step: str, result: dict) -> dict:
    if step == "pull":
        # What this pull did is an account of the last attempt; what came in is in the records.
        result = {
            "sources": [
                {name: value for name, value in source.items() if name not in _PULL_COUNTS}
                for source in result["sources"]
            ]
        }
    return _timeless(result)


def _timeless(value):
    if isinstance(value, dict):
        return {
            k: _timeless(v) for k, v in value.items()
            if not k.endswith(("seconds", "_since")) and k != "run_id"
        }  # fmt: skip
    if isinstance(value, list):
        return [_timeless(v) for v in value]
    return _RANDOM.sub("RUN", value) if isinstance(value, str) else value
