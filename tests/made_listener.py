"""A listener beside a model, whether or not it pays: for tests of what is done with one."""

from dataclasses import replace

import numpy as np

from models.blend import LISTENING
from models.frame_fitting import FrameLesson, FrameRecipe, fit
from models.frame_scaling import FrameScaling
from models.listener import Listener


def with_some_listener(model, features, tracks, classes):
    """The model with a network over frames taught for an instant on labelled rows."""
    scaling, n, s = FrameScaling.fit(tracks), len(classes), len(model.scales)
    lesson = FrameLesson(
        scaling.transform(tracks),
        model.scaling.branches(features)[: model.n_views],
        np.eye(len(model.leaves), dtype=np.float32)[classes],
        np.full((n, s), np.nan, np.float32),
        np.ones(n, np.float32),
        np.zeros((n, s), np.float32),
    )
    networks = fit(lesson, FrameRecipe(n_epochs=1, least_steps=20, batch_clips=16), seed=0)[-1]
    tempers = np.concatenate([model.blend.member_temperature, np.ones((2, 1))], axis=1)
    listener = Listener(
        scaling=scaling,
        shape=networks[0].shape,
        states=tuple({k: v.numpy() for k, v in one.state().items()} for one in networks),
        blend=replace(model.blend, kind=LISTENING, member_temperature=tempers),
        evidence=model.evidence,
        sd_factors=model.sd_factors,
    )
    return replace(model, listener=listener)
