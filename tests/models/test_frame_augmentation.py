import numpy as np
import pytest
import torch

from audio.tracks import LEVEL_TRACKS, MEL_TRACKS, TRACKS
from models.frame_augmentation import Augmentation, augmented, paced

N, T = 40, 60


def _changed(asked, seed=0):
    values = torch.ones(N, len(TRACKS), T)
    found = augmented(values, asked, torch.Generator().manual_seed(seed))
    assert torch.equal(values, torch.ones(N, len(TRACKS), T))
    return found


def test_nothing_is_done_where_nothing_is_asked():
    assert torch.equal(_changed(Augmentation(masks=False)), torch.ones(N, len(TRACKS), T))


def test_masks_hide_stretches_bands_and_tracks_of_every_clip_and_no_more():
    found = _changed(Augmentation())
    assert set(found.unique().tolist()) == {0.0, 1.0}
    whole_rows = (found == 0).all(dim=1).float().mean(dim=1)
    assert whole_rows.max() <= 2 * 0.15 + 2 / T and whole_rows.mean() > 0.05
    bands = (found[:, MEL_TRACKS] == 0).all(dim=2).sum(dim=1)
    assert bands.max() <= 9 and bands.float().mean() > 2
    assert len({tuple(one) for one in (found == 0).all(dim=1).tolist()}) > N // 2


def test_level_moves_loudness_and_mel_bands_of_a_clip_together():
    found = _changed(Augmentation(masks=False, level=0.4)) - 1
    others = [i for i in range(len(TRACKS)) if i not in LEVEL_TRACKS]
    assert (found[:, others] == 0).all()
    shift = found[:, list(LEVEL_TRACKS)].flatten(1)
    assert (shift.std(dim=1) < 1e-6).all()
    assert shift.abs().max() <= 0.4 and shift[:, 0].std() > 0.1


def test_noise_is_no_stronger_than_asked():
    found = _changed(Augmentation(masks=False, noise=0.5)) - 1
    deviation = found.flatten(1).std(dim=1).numpy()
    assert 0.15 < deviation.mean() < 0.35 and deviation.max() < 0.55


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_another_speed_keeps_what_happens_and_how_much_is_there(speed):
    ramp = torch.linspace(0, 1, T).expand(2, len(TRACKS), T).contiguous()
    there = torch.ones(2, T)
    there[1, T // 2 :] = 0
    found, kept = paced(ramp, there, speed)
    assert found.shape[2] == round(T / speed) == kept.shape[1]
    np.testing.assert_allclose(found[0, 0, [0, -1]], [0, 1], atol=0.02)
    assert kept[1].sum() == pytest.approx(T / 2 / speed, abs=1)
    assert set(kept.unique().tolist()) <= {0.0, 1.0}
