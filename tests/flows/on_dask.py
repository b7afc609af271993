"""Computes a workspace's features on a Dask cluster of its own: python on_dask.py HOME."""

import os
import sys

from dask.distributed import LocalCluster


def main(home: str) -> None:
    """Print how many segments were computed by the cluster's workers."""
    from config.settings import Settings
    from flows.compute_features import compute_features, task_runner

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        os.environ["UNDERTONE_DASK_SCHEDULER"] = cluster.scheduler_address
        runner = task_runner(Settings(home=home))
        done = compute_features.with_options(task_runner=runner)(home)
        print(type(runner).__name__, done)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1])
