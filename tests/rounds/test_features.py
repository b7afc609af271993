"""Features of sounds of every shape."""

import numpy as np
import pytest
import soundfile

from audio.decoding import read
from audio.descriptors import DESCRIPTOR_NAMES, describe
from audio.features import FEATURE_NAMES, extract
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


def test_a_short_segment_is_heard_in_its_recording_and_a_short_recording_as_it_is(
    workspace, tmp_path, write_voice
):
    folder = tmp_path / "speech"
    write_voice(folder / "long.wav", 90)
    write_voice(folder / "short.wav", 90, 0.4)
    frames = describe(read(folder / "long.wav")).values
    is_voiced = frames[:, DESCRIPTOR_NAMES.index("is_voiced")]
    inside = np.flatnonzero(np.convolve(is_voiced, np.ones(9), "same") == 9)[0] * 0.01
    (folder / "m.csv").write_text(
        f"path,start,end,level\nlong.wav,{inside:.2f},{inside + 0.03:.2f},phone\n"
        "long.wav,0.2,0.21,phone\nshort.wav,,,\n"
    )
    ingest(workspace, str(folder / "m.csv"))
    assert features.compute(workspace)["n_failed"] == 0
    segments = pool.read(workspace).set_index("segment_id")
    table = features.load(workspace, segments.index.tolist())
    phone = segments.index[segments["start_s"].round(2) == round(inside, 2)][0]
    alone = extract(read(folder / "long.wav", inside, inside + 0.03))
    heard = table.loc[phone, "f0_semitone_p50"]
    own = frames[round(inside * 100) :, DESCRIPTOR_NAMES.index("f0_semitone")][:3]
    assert heard == pytest.approx(np.median(own), abs=0.01)
    assert heard != alone[FEATURE_NAMES.index("f0_semitone_p50")]
    whole = segments.index[segments["end_s"] == 0.4][0]
    np.testing.assert_array_equal(table.loc[whole], extract(read(folder / "short.wav")))
