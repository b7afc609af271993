import logging
import os
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import labeling_functions
from audio.features import FEATURE_NAMES
from config.layers import ConfigError
from config.masking import masked
from config.opening import round_plan
from config.settings import Settings, sources_of
from config.workspace import init_workspace
from labels.scheme import Scheme


@pytest.fixture
def home(tmp_path, monkeypatch):
    for variable in list(os.environ):
        if variable.startswith("UNDERTONE_"):
            monkeypatch.delenv(variable)
    (tmp_path / "undertone.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_arguments_win_over_environment_over_dotenv_over_toml_over_defaults(home, monkeypatch):
    names = ["batch_size", "seed", "strategy", "log_level"]
    (home / "undertone.toml").write_text(
        'batch_size = 1\nseed = 1\nstrategy = "toml"\nlog_level = "error"\n', encoding="utf-8"
    )
    (home / ".env").write_text(
        "UNDERTONE_BATCH_SIZE=2\nUNDERTONE_SEED=2\nUNDERTONE_STRATEGY=dotenv\nOTHER=1\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("UNDERTONE_BATCH_SIZE", "3")
    monkeypatch.setenv("UNDERTONE_SEED", "3")

    found = sources_of(Settings(batch_size=4))

    assert {name: found[name] for name in names} == {
        "batch_size": ("4", "argument"),
        "seed": ("3", "environment UNDERTONE_SEED"),
        "strategy": ("dotenv", ".env"),
        "log_level": ("ERROR", "undertone.toml"),
    }
    assert found["held_out_share"] == ("0.25", "default")


def test_the_workspace_is_the_nearest_folder_above_with_a_settings_file(home, monkeypatch):
    deep = home / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)

    settings = Settings()

    assert settings.home == home
    assert settings.data_dir == home / ".undertone"
    assert settings.database_url.get_secret_value() == f"sqlite:///{home}/.undertone/undertone.db"
    assert sources_of(settings)["home"][1] == "folder of undertone.toml"


def test_undertone_home_overrides_the_current_folder(home, monkeypatch, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    monkeypatch.setenv("UNDERTONE_HOME", str(other))
    assert Settings().home == other
    monkeypatch.setenv("UNDERTONE_HOME", str(other / "nowhere"))
    with pytest.raises(
        ConfigError, match=r"UNDERTONE_HOME: the workspace folder .*nowhere does not"
    ):
        Settings()


def test_relative_paths_are_relative_to_the_workspace(home, monkeypatch):
    (home / "undertone.toml").write_text(
        'data_dir = "d"\ndatabase_url = "sqlite:///d/x.db"\nsources = ["speech", "s3://b/x"]\n',
        encoding="utf-8",
    )
    (home / "sub").mkdir()
    monkeypatch.chdir(home / "sub")
    settings = Settings()
    assert settings.data_dir == home / "d"
    assert settings.database_url.get_secret_value() == f"sqlite:///{home}/d/x.db"
    assert [one.get_secret_value() for one in settings.sources] == [f"{home}/speech", "s3://b/x"]


def test_a_scheme_of_the_workspace_is_used_when_there_is_one(home):
    assert Scheme.load(Settings().scheme_path).digest == Scheme.default().digest
    (home / "scheme.yaml").write_text("x", encoding="utf-8")
    assert Settings().scheme_path == home / "scheme.yaml"


def test_a_functions_folder_counts_only_in_a_workspace(home):
    (home / "functions").mkdir()
    assert Settings().labeling_function_dirs == [home / "functions"]
    (home / "undertone.toml").unlink()
    assert Settings().labeling_function_dirs == []


def test_a_list_in_the_environment_is_parted_by_commas_or_json(home, monkeypatch):
    monkeypatch.setenv("UNDERTONE_SOURCES", "/a, memory://b")
    assert [s.get_secret_value() for s in Settings().sources] == ["/a", "memory://b"]
    monkeypatch.setenv("UNDERTONE_SOURCES", '["/a,b"]')
    assert [s.get_secret_value() for s in Settings().sources] == ["/a,b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "bach_size = 3",
            r"undertone\.toml: bach_size is no setting \(did you mean batch_size\?\)",
        ),
        ("[round]\nx = 1", r"round is no setting \(known: data_dir, "),
        ('seed = "x"', r"undertone\.toml: seed = 'x': should be a valid integer"),
        ("seed = true", r"undertone\.toml: seed = True: true and false are no values here"),
        ("evaluation_share = 1.5", r"evaluation_share = 1\.5: should be less than 1"),
        ('log_level = "loud"', r"log_level = 'LOUD': should be 'DEBUG', 'INFO', 'WARNING' or"),
        ('home = "/x"', r"home cannot be set here.*UNDERTONE_HOME"),
        ("seed = ", r"undertone\.toml is not TOML: Invalid value \(at end"),
    ],
)
def test_a_wrong_settings_file_is_one_line_that_says_what_is_right(home, text, message):
    (home / "undertone.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        Settings()
    assert "\n" not in str(caught.value)


def test_a_settings_file_in_another_encoding_is_named(home):
    (home / "undertone.toml").write_bytes('strategy = "größe"'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"undertone\.toml is not UTF-8 \(byte 14\)"):
        Settings()


def test_a_wrong_variable_is_named_with_its_value_and_place(home, monkeypatch):
    monkeypatch.setenv("UNDERTONE_N_WORKERS", "0")
    with pytest.raises(ConfigError, match=r"^environment UNDERTONE_N_WORKERS = '0': should be"):
        Settings()


def test_a_misspelled_variable_is_named_but_foreign_ones_are_left_alone(home, monkeypatch):
    monkeypatch.setenv("UNDERTONE_TEST_DATA", "/x")
    Settings()
    monkeypatch.setenv("UNDERTONE_BATCHSIZE", "3")
    with pytest.raises(ConfigError, match=r"did you mean UNDERTONE_BATCH_SIZE\?"):
        Settings()


def test_an_unknown_key_in_dotenv_names_the_file(home):
    (home / ".env").write_text("UNDERTONE_SEDE=3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\.env: UNDERTONE_SEDE is no setting .*UNDERTONE_SEED"):
        Settings()


def test_an_unknown_argument_is_named():
    with pytest.raises(ConfigError, match=r"argument sed is no setting \(did you mean seed\?\)"):
        Settings(sed=1)


def test_secrets_are_never_shown(home, caplog):
    settings = Settings(
        database_url="postgresql://me:hunter2@host/db",
        mlflow_tracking_uri="https://t0ken@host/x",
        prefect_api_url="http://host/api?api_key=hunter2&x=1",
        sources=["s3://me:hunter2@bucket/x"],
    )
    logging.getLogger("test").warning("%s %r", settings, settings)
    said = f"{settings!r} {settings} {sources_of(settings)} {settings.model_dump()} {caplog.text}"
    assert "hunter2" not in said
    assert "t0ken" not in said
    assert "postgresql://me:***@host/db" in said
    assert settings.database_url.get_secret_value() == "postgresql://me:hunter2@host/db"


def test_a_secret_in_a_value_that_does_not_hold_is_not_shown(home):
    with pytest.raises(ConfigError) as caught:
        Settings(seed="postgresql://me:hunter2@host/db")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://me:p@ss/w:rd@host/db", "postgresql://me:***@host/db"),
        ("http://h/x?access_token=abc", "http://h/x?access_token=***"),
        ("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api"),
        ("zip://a.wav::s3://k:s@b/x", "zip://a.wav::s3://k:***@b/x"),
    ],
)
def test_only_what_is_secret_in_a_url_is_hidden(url, said):
    assert masked(url) == said


def test_init_makes_a_workspace_whose_settings_are_the_defaults(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("w") / "new"
    plain = Settings(home=home)

    made = init_workspace(folder)

    assert {path.relative_to(folder).as_posix() for path in made.written} == {
        "undertone.toml",
        "scheme.yaml",
        "functions/slow_and_low.py",
        ".gitignore",
    }
    settings = Settings(home=folder)
    assert settings.scheme_path == folder / "scheme.yaml"
    assert settings.labeling_function_dirs == [folder / "functions"]
    assert settings.batch_size == plain.batch_size


def test_every_commented_line_of_the_settings_file_holds_when_uncommented(home):
    init_workspace(home / "w")
    file = home / "w" / "undertone.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    live = [line.removeprefix("# ") for line in lines if " = " in line and "`" not in line]
    file.write_text("\n".join(live), encoding="utf-8")
    assert set(tomllib.loads("\n".join(live))) == set(Settings.model_fields) - {"home"}

    settings = Settings(home=home / "w")

    assert settings.database_url.get_secret_value().endswith("/w/.undertone/undertone.db")
    assert settings.scheme_path == home / "w" / "scheme.yaml"
    assert {origin for _, origin in sources_of(settings).values()} == {"undertone.toml", "argument"}


def test_init_again_overwrites_nothing(home):
    first = init_workspace(home / "w")
    (home / "w" / "scheme.yaml").write_text("mine", encoding="utf-8")
    (home / "w" / "functions" / "slow_and_low.py").unlink()

    again = init_workspace(home / "w")

    assert again.written == ()
    assert len(again.kept) == len(first.written) - 1
    assert (home / "w" / "scheme.yaml").read_text(encoding="utf-8") == "mine"
    assert not (home / "w" / "functions" / "slow_and_low.py").exists()


def test_init_into_a_file_is_refused_in_one_line(home):
    Path(home / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="file"):
        init_workspace(home / "file")


def test_the_example_of_a_new_workspace_is_a_labelling_function_that_votes(home):
    init_workspace(home / "w")
    loaded = labeling_functions.load([home / "w" / "functions"])
    assert loaded.problems == ()
    (own,) = [one for one in loaded.functions if one.name == "slow_and_low"]
    assert {"syllable_rate_per_s", "f0_semitone_mean"} <= set(FEATURE_NAMES)
    table = pd.DataFrame(
        {"syllable_rate_per_s_z": [-2.0, 0.0], "f0_semitone_mean_z": [-2.0, -2.0]},
        index=["slow and low", "low"],
    )
    votes = labeling_functions.apply([own], table, Scheme.default()).votes["emotion"]
    assert [table.index[i] for i in votes.item] == ["slow and low"]


def test_shares_are_a_table_or_one_text_and_what_is_wrong_with_them_is_named(home, monkeypatch):
    (home / "undertone.toml").write_text("batch_quotas = { speaker = 0.3 }\n", encoding="utf-8")
    assert Settings(home=home).batch_quotas == {"speaker": 0.3}
    for text, shares in (("speaker=0.1, emotion=0.4", {"speaker": 0.1, "emotion": 0.4}),
                         ('{"gender": 0.6}', {"gender": 0.6}), ("none", {})):  # fmt: skip
        monkeypatch.setenv("UNDERTONE_BATCH_QUOTAS", text)
        assert Settings(home=home).batch_quotas == shares
    for text, said in (
        ("speker=0.2", r"'speker' is nothing to share a batch by \(did you mean speaker\?\)"),
        ("speaker=2", r"the share of speaker must lie in \[0, 1\], not 2"),
        ("speaker=lots", "the share of speaker is no number: 'lots'"),
        ("speaker", "write name=share"),
    ):
        monkeypatch.setenv("UNDERTONE_BATCH_QUOTAS", text)
        with pytest.raises(ConfigError, match=f"environment UNDERTONE_BATCH_QUOTAS = .*{said}"):
            Settings(home=home)


def test_minutes_alone_decide_how_large_a_batch_is_and_clips_do_where_they_are_named(home):
    assert round_plan(Settings(home=home)).batch_size == 48
    assert round_plan(Settings(home=home, batch_minutes=20)).batch_size is None
    assert round_plan(Settings(home=home, batch_minutes=20, batch_size=9)).batch_size == 9
    assert round_plan(Settings(home=home), {"batch_minutes": 5.0}).batch_size is None
