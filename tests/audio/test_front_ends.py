"""Front ends behind one protocol: openSMILE where it is installed, encoders with random weights."""

import sys
import urllib.error

import numpy as np
import pytest
import torch
import torchaudio

from audio.features import extract_many
from audio.front_ends import FRONT_ENDS, OWN, FrontEndError, FrontEndSpec
from audio.front_ends.choosing import named_by, resolve
from audio.front_ends.encoders import ENCODERS, Encoder
from audio.front_ends.opensmile import OpenSmile
from audio.front_ends.spec import ENCODER_NAMES


def test_every_name_is_a_front_end_with_features_of_its_own():
    names = {name: resolve(FrontEndSpec(name)).names for name in FRONT_ENDS}
    assert tuple(ENCODERS) == ENCODER_NAMES
    assert len(set(names.values())) == len(FRONT_ENDS)
    for name, own in names.items():
        assert len(set(own)) == len(own) == len(resolve(FrontEndSpec(name)).units)
        assert named_by(own) == FrontEndSpec(name)
    assert named_by(()) is None
    assert named_by(("loudness",)) is None


def test_a_name_that_is_none_and_weights_that_are_no_file_are_one_line(tmp_path):
    with pytest.raises(
        FrontEndError, match=r"'wavlm' is no front end \(there are: undertone, egem"
    ):
        resolve(FrontEndSpec("wavlm"))
    with pytest.raises(FrontEndError, match=r"encoder_weights = .*none\.pt': there is no such"):
        resolve(FrontEndSpec("wavlm-base", tmp_path / "none.pt"))


def test_undertones_own_are_the_features(voice):
    sounds = [voice(), voice(220.0, 0.4)]
    front = resolve(OWN)
    front.prepare()
    np.testing.assert_array_equal(front.extract_many(sounds), extract_many(sounds))


@pytest.mark.slow
@pytest.mark.parametrize("name", ENCODER_NAMES)
def test_an_encoder_is_as_wide_as_its_architecture(name):
    kind = ENCODERS[name]
    assert hasattr(torchaudio.pipelines, kind.bundle)
    with torch.device("meta"):
        model = getattr(torchaudio.models, kind.factory)()
    assert model.encoder.feature_projection.projection.out_features == kind.width
    assert len(kind.names(name)) == 2 * kind.width


@pytest.fixture(scope="module")
def random_weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "wavlm.pt"
    torch.manual_seed(0)
    torch.save(torchaudio.models.wavlm_base().state_dict(), path)
    return path


@pytest.mark.slow
def test_a_clip_is_mean_and_deviation_over_time_of_the_mean_over_layers(random_weights, voice):
    front = Encoder("wavlm-base", random_weights)
    sounds = [voice(), voice(220.0, 0.5), np.zeros(5, np.float32)]
    found = front.extract_many(sounds)
    assert found.shape == (3, 1536)
    assert np.isfinite(found).all()
    model = torchaudio.models.wavlm_base()
    model.load_state_dict(torch.load(random_weights, weights_only=True))
    with torch.inference_mode():
        layers, _ = model.eval().extract_features(torch.from_numpy(sounds[1])[None])
    frames = np.mean([layer[0].numpy() for layer in layers], axis=0)
    np.testing.assert_allclose(found[1, :768], frames.mean(axis=0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found[1, 768:], frames.std(axis=0), rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(front.extract_many(sounds[1:2])[0], found[1])


@pytest.mark.slow
def test_other_weights_are_another_version_and_those_of_another_encoder_are_refused(
    random_weights, tmp_path
):
    version = Encoder("wavlm-base", random_weights).version
    assert version.startswith("wavlm-base-")
    other = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, other)
    assert Encoder("wavlm-base", other).version not in (version, "wavlm-base-hub")
    with pytest.raises(FrontEndError, match=r"other\.pt' are no weights of wavlm-base: ") as said:
        Encoder("wavlm-base", other).prepare()
    assert "\n" not in str(said.value)
    other.write_text("no weights at all")
    with pytest.raises(FrontEndError, match="are no weights of hubert-base: "):
        Encoder("hubert-base", other).prepare()


@pytest.mark.slow
def test_weights_that_cannot_be_fetched_are_one_line_that_says_what_would_help(
    tmp_path, monkeypatch
):
    def offline(*_args, **_more):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(torch.hub, "urlopen", offline)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(
        FrontEndError, match=r"weights cannot be fetched .no route to host\)"
    ) as said:
        Encoder("hubert-base").prepare()
    assert "name it in encoder_weights" in str(said.value)
    assert "\n" not in str(said.value)


def test_without_opensmile_egemaps_says_how_to_install_it_and_what_its_licence_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    with pytest.raises(FrontEndError, match=r"not installed .*not for commercial use"):
        OpenSmile().prepare()


@pytest.mark.slow
def test_egemaps_are_opensmiles(voice):
    opensmile = pytest.importorskip("opensmile", reason="openSMILE is an extra: .[opensmile]")
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    front = OpenSmile()
    assert front.names == tuple(smile.feature_names)
    assert front.version == f"egemaps-v02-{opensmile.__version__}"
    sounds = [voice(), np.zeros(10, np.float32)]
    found = front.extract_many(sounds)
    np.testing.assert_allclose(found[0], smile.process_signal(sounds[0], 16_000).to_numpy()[0])
    assert np.isfinite(found).all()
