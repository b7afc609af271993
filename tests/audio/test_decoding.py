import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.decoding import AudioError, blocks, inspect, read

FORMATS = [
    ("wav", "WAV", "PCM_U8"),
    ("wav", "WAV", "PCM_16"),
    ("wav", "WAVEX", "PCM_24"),
    ("wav", "WAVEX", "PCM_32"),
    ("wav", "RF64", "PCM_16"),
    ("wav", "WAV", "FLOAT"),
    ("wav", "WAV", "DOUBLE"),
    ("wav", "WAV", "ULAW"),
    ("flac", "FLAC", "PCM_S8"),
    ("flac", "FLAC", "PCM_16"),
    ("flac", "FLAC", "PCM_24"),
    ("ogg", "OGG", "VORBIS"),
    ("opus", "OGG", "OPUS"),
    ("mp3", "MP3", "MPEG_LAYER_III"),
]
LOSSY = {"PCM_U8", "PCM_S8", "ULAW", "VORBIS", "OPUS", "MPEG_LAYER_III"}


def written(path: Path, sound: np.ndarray, rate=16_000, subtype=None, form=None) -> Path:
    soundfile.write(path, sound, rate, subtype=subtype, format=form)
    return path


def reason(path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        inspect(path)
    assert "\n" not in caught.value.reason
    assert str(caught.value) == caught.value.reason
    return caught.value.reason


def shortened(path: Path, share: float) -> Path:
    whole = path.read_bytes()
    cut = path.with_name(f"cut-{share}{path.suffix}")
    cut.write_bytes(whole[: int(len(whole) * share)])
    return cut


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    n = min(len(a), len(b))
    return float(np.corrcoef(a[:n], b[:n])[0, 1])


@pytest.mark.parametrize(("suffix", "form", "subtype"), FORMATS)
def test_every_format_is_described_and_read(tmp_path, voice, suffix, form, subtype):
    sound = voice(duration_s=1.2)
    path = written(tmp_path / f"a.{suffix}", sound, subtype=subtype, form=form)
    info = inspect(path)
    assert (info.sample_rate_hz, info.n_channels, info.n_frames) == (16_000, 1, 19_200)
    assert info.duration_s == pytest.approx(1.2)
    assert info.subtype == subtype
    assert info.peak == pytest.approx(0.5, abs=0.25 if subtype in LOSSY else 0.01)
    heard = read(path)
    assert heard.dtype == np.float32
    assert heard.shape == (19_200,)
    assert correlation(heard, sound) > 0.995


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.7, 0.98])
def test_a_truncated_file_of_any_format_is_named_as_truncated(tmp_path, noise, form, share):
    suffix, form, subtype = form
    path = written(tmp_path / f"a.{suffix}", noise(3.0), subtype=subtype, form=form)
    assert "is truncated" in reason(shortened(path, share))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("n_bytes", [4, 20, 60, 300])
def test_a_file_cut_within_its_header_gets_one_line(tmp_path, noise, form, n_bytes):
    suffix, form, subtype = form
    path = written(tmp_path / f"a.{suffix}", noise(3.0), subtype=subtype, form=form)
    path.write_bytes(path.read_bytes()[:n_bytes])
    reason(path)


def test_a_truncated_wav_says_how_much_is_missing(tmp_path, noise):
    path = written(tmp_path / "a.wav", noise(1.0))
    path.write_bytes(path.read_bytes()[:-2000])
    assert reason(path) == "is truncated: 16000 frames promised, 15000 there"


@pytest.mark.parametrize("size", [0, 2**32 - 1, 0x7FFFF000, 2**31])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_a_wav_written_by_a_pipe_is_sound(tmp_path, noise, size, rate):
    path = written(tmp_path / "a.wav", noise(6.0), rate)
    pcm, expected = read(path), inspect(path)
    piped = bytearray(path.read_bytes())
    piped[4:8] = struct.pack("<I", min(2**32 - 1, size + 36) if size else 0)
    piped[40:44] = struct.pack("<I", size)
    path.write_bytes(piped)
    assert inspect(path) == expected
    np.testing.assert_array_equal(read(path), pcm)
    assert len(read(path, 0.5, 1.0)) == 8_000


def test_a_flac_written_by_a_pipe_is_sound(tmp_path, noise):
    path = written(tmp_path / "a.flac", noise(3.01))
    expected, sound = inspect(path), read(path)
    piped = bytearray(path.read_bytes())
    piped[21] &= 0xF0
    piped[22:26] = bytes(4)
    path.write_bytes(piped)
    assert inspect(path) == expected
    np.testing.assert_array_equal(read(path), sound)


def test_an_mp3_without_a_frame_count_is_read_to_its_end(tmp_path, noise):
    path = written(tmp_path / "a.mp3", np.concatenate([noise(2.0), 0 * noise(2.0), noise(2.0)]))
    whole = path.read_bytes()
    second = whole.index(whole[:2], 4)
    path.write_bytes(whole[second:])
    assert inspect(path).duration_s == pytest.approx(6.0, abs=0.15)
    path.write_bytes(whole[second:-7])
    assert "is truncated" in reason(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (b"path,emotion\na.wav,anger\n", "is not audio (begins with 'path,emotion\\na.w'"),
        (b"\0\0\0\x20ftypM4A \0\0", "is MP4/M4A (AAC), which is not read; wav, flac, ogg"),
        (bytes(range(1, 200)), "is not audio"),
        (b"RIFF\x24\0\0\0AVI LIST", "is not audio"),
        (b"\xff\xfb\x90\x00" + b"not what follows a header" * 50, "is not audio"),
    ],
)
@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac"])
def test_what_is_not_audio_is_told_by_its_content_whatever_its_name(
    tmp_path, content, said, suffix
):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    found = reason(path)
    assert said in found


def test_a_missing_file_and_a_folder_get_one_line(tmp_path):
    assert "cannot be read" in reason(tmp_path / "nothing.wav")
    assert "cannot be read" in reason(tmp_path)


@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
def test_a_file_without_samples_is_named(tmp_path, form):
    path = written(tmp_path / "a.x", np.zeros((0, 2)), form=form)
    assert reason(path) == "holds no samples"


def test_an_empty_wav_followed_by_notes_holds_no_samples(tmp_path):
    path = written(tmp_path / "a.wav", np.zeros(0))
    whole = path.read_bytes() + b"LIST" + struct.pack("<I", 400) + b"INFO" + bytes(396)
    path.write_bytes(whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:])
    assert reason(path) == "holds no samples"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_nan_and_infinite_samples_are_named_with_their_place(tmp_path, noise, bad, subtype):
    sound = np.column_stack([noise(1.0), noise(1.0)]).astype(np.float64)
    sound[5120, 1] = bad
    path = written(tmp_path / "a.wav", sound, subtype=subtype)
    assert reason(path) == "holds NaN or infinite samples (first at 0.32 s)"


@pytest.mark.parametrize("level", [0.0, 5e-5])
@pytest.mark.parametrize("offset", [0.0, 0.25])
def test_silence_is_named_whatever_its_offset(tmp_path, noise, level, offset):
    sound = offset + level * np.sign(noise(0.5))
    path = written(tmp_path / "a.wav", sound, subtype="FLOAT")
    assert reason(path) == "is silent throughout (0.50 s)"


def test_a_very_quiet_voice_is_not_silence(tmp_path, voice):
    path = written(tmp_path / "a.wav", voice(peak=4e-4), subtype="PCM_24")
    assert inspect(path).peak == pytest.approx(4e-4, rel=0.01)


def test_one_silent_channel_of_two_is_sound(tmp_path, voice):
    sound = voice()
    path = written(tmp_path / "a.wav", np.column_stack([0 * sound, sound]))
    assert inspect(path).peak == pytest.approx(0.5, abs=0.01)
    assert correlation(read(path), sound) > 0.999


@pytest.mark.parametrize("n_channels", [2, 4, 8])
def test_inverted_channels_do_not_cancel_the_voice(tmp_path, voice, noise, n_channels):
    sound = voice()
    signs = np.where(np.arange(n_channels) % 2, -1.0, 0.98)
    path = written(tmp_path / "a.wav", sound[:, None] * signs + 0.25, subtype="FLOAT")
    heard = read(path)
    assert abs(correlation(heard, sound)) > 0.999
    assert np.std(heard) == pytest.approx(np.std(sound), rel=0.05)


def test_channels_are_averaged(tmp_path, noise):
    parts = [noise(1.0, seed=seed) for seed in range(8)]
    path = written(tmp_path / "a.wav", np.column_stack(parts), subtype="FLOAT")
    np.testing.assert_allclose(read(path), np.mean(parts, axis=0), atol=1e-6)


def test_the_same_sound_has_the_same_hash_in_wav_and_flac(tmp_path, voice, noise):
    sound = np.round(voice() * 32767) / 32768
    found = {
        inspect(written(tmp_path / name, sound, subtype=subtype, form=form)).content_sha256
        for name, form, subtype in (
            ("a.wav", "WAV", "PCM_16"),
            ("b.wav", "WAVEX", "PCM_24"),
            ("c.wav", "WAV", "FLOAT"),
            ("d.flac", "FLAC", "PCM_16"),
            ("e.flac", "FLAC", "PCM_24"),
        )
    }
    assert len(found) == 1
    others = {
        inspect(written(tmp_path / "f.wav", sound, 8000)).content_sha256,
        inspect(written(tmp_path / "g.wav", np.column_stack([sound, sound]))).content_sha256,
        inspect(written(tmp_path / "h.wav", noise())).content_sha256,
    }
    assert len(found | others) == 4


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 44_099, 96_000, 192_000])
def test_a_tone_keeps_its_pitch_place_and_level_at_any_rate(tmp_path, rate):
    t = np.arange(rate) / rate
    path = written(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * t), rate, subtype="FLOAT")
    heard = read(path)
    assert len(heard) == pytest.approx(16_000, abs=1)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(heard)) / 16_000)
    np.testing.assert_allclose(heard[200:-200], expected[200:-200], atol=2e-3)


@pytest.mark.parametrize(("suffix", "form", "subtype"), FORMATS)
def test_a_stretch_is_what_the_whole_has_there(tmp_path, noise, suffix, form, subtype):
    path = written(tmp_path / f"a.{suffix}", noise(5.0), subtype=subtype, form=form)
    whole = read(path)
    for start_s, end_s in ((0.0, 0.5), (1.2345, 1.5), (4.0, 5.0), (4.9, 7.0)):
        first, last = round(start_s * 16_000), round(end_s * 16_000)
        stretch = read(path, start_s, end_s)
        np.testing.assert_allclose(stretch, whole[first:last], atol=1e-6)


def test_a_stretch_of_another_rate_is_what_the_whole_has_there(tmp_path, noise):
    path = written(tmp_path / "a.wav", noise(5.0), 44_100)
    whole, stretch = read(path), read(path, 0.5, 1.5)
    np.testing.assert_allclose(stretch[200:-200], whole[8200:23800], atol=1e-4)
    assert len(stretch) == 16_000


@pytest.mark.parametrize(("start_s", "end_s"), [(2.0, 3.0), (0.5, 0.5), (0.6, 0.5), (-1.0, 0.5)])
def test_a_stretch_without_sound_is_an_error(tmp_path, noise, start_s, end_s):
    path = written(tmp_path / "a.wav", noise(1.0))
    with pytest.raises(AudioError, match="has no sound between"):
        read(path, start_s, end_s)


@pytest.mark.slow
def test_a_long_recording_streams_in_bounded_blocks_equal_to_the_whole(tmp_path, noise):
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 44_100, 2) as file:
        for seed in range(60):
            part = noise(3.0, seed=seed)
            file.write(np.column_stack([part, 0.5 * part]))
    parts = list(blocks(path))
    assert len(parts) > 10
    assert max(len(part) for part in parts) < 200_000
    assert sum(len(part) for part in parts) == len(read(path))
    assert inspect(path).duration_s == pytest.approx(60 * 48_000 / 44_100)
