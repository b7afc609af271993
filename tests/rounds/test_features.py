"""Features of sounds of every shape."""

import numpy as np
import pytest
import soundfile

from rounds import features, pool
from rounds.ingest import ingest


def test_every_rate_depth_and_number_of_channels_gives_features(workspace, tmp_path, write_voice):
    folder = tmp_path / "speech"
    for i, rate in enumerate((8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000)):
        write_voice(folder / f"rate{rate}.wav", 120 + i, rate_hz=rate)
    mono = soundfile.read(folder / "rate8000.wav")[0]
    for n in (2, 3, 6, 8):
        sound = np.stack([mono * (1 - 0.05 * j) for j in range(n)], axis=1)
        soundfile.write(folder / f"channels{n}.wav", sound, 16_000)
    for i, depth in enumerate(("PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")):
        write_voice(folder / f"{depth}.wav", 150 + i, subtype=depth)
    for i, kind in enumerate(("flac", "ogg", "mp3")):
        write_voice(folder / f"as.{kind}", 170 + i)
    write_voice(folder / "as.opus", 180, format="OGG", subtype="OPUS")

    report = ingest(workspace, str(folder))
    assert (report.n_new, report.quarantined) == (20, [])
    assert features.compute(workspace)["n_computed"] == 20
    table = features.load(workspace, pool.read(workspace)["segment_id"].tolist())
    assert table["f0_semitone_mean"].notna().all()


@pytest.mark.parametrize("n_samples", [1, 2, 40, 200])
def test_a_sound_too_short_to_say_anything_has_features_of_nothing(workspace, tmp_path, n_samples):
    folder = tmp_path / "speech"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.linspace(-0.5, 0.5, n_samples), 16_000)
    soundfile.write(folder / "b.wav", np.linspace(-0.5, 0.5, n_samples + 900), 44_100)
    n_new = ingest(workspace, str(folder)).n_new
    report = features.compute(workspace)
    assert (report["n_computed"], report["n_failed"]) == (n_new, 0)


def test_what_was_computed_is_not_computed_again(workspace, tmp_path, write_voice):
    folder = tmp_path / "speech"
    write_voice(folder / "a.wav")
    ingest(workspace, str(folder))
    assert features.compute(workspace)["n_computed"] == 1
    assert features.compute(workspace)["n_computed"] == 0
    write_voice(folder / "b.wav", 200)
    ingest(workspace, str(folder))
    assert features.compute(workspace)["n_computed"] == 1
