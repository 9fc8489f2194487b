"""Which section a story belongs in, and what a section may be."""

from pathlib import Path

import pytest

from index.digest.sections import REST, default_sections, load_sections
from index.errors import SettingsError
from index.knowledge.reading import Reading


@pytest.mark.parametrize(
    ("saliences", "source_kind", "section"),
    [
        ({"microsoft-maia-100": 1.0, "microsoft": 0.7}, "press", "custom-silicon"),
        ({"google-tpu-v5p": 0.9, "google": 0.6}, "press", "custom-silicon"),
        ({"nvidia": 1.0, "nvidia-h200": 0.9}, "press", "nvidia"),
        ({"amd": 0.9, "amd-mi300x": 1.0, "azure": 0.4}, "press", "rivals"),
        ({"oracle": 0.9, "nvidia": 0.4}, "press", "cloud"),
        ({"tsmc": 0.9, "cowos": 0.7}, "press", "foundry-and-memory"),
        ({"sk-hynix": 0.9, "hbm3e": 0.8, "nvidia": 0.4}, "press", "foundry-and-memory"),
        ({"huawei": 0.8, "huawei-ascend-910b": 1.0}, "press", "china"),
        ({"us-export-rules-2023": 1.0, "nvidia-h800": 0.6, "nvidia": 0.5}, "press", "policy"),
        ({"mixture-of-experts": 0.4}, "research", "research"),
        ({"liquid-cooling": 0.6}, "press", REST),
        ({}, "press", REST),
    ],
)  # fmt: skip
def test_a_story_goes_where_most_of_what_it_is_about_belongs(
    reading: Reading, saliences: dict[str, float], source_kind: str, section: str
) -> None:
    assert default_sections().of(saliences, source_kind, reading.catalogue) == section


def test_everything_that_the_default_sections_name_is_in_the_catalogue(reading: Reading) -> None:
    for section in default_sections().listed:
        for named in (section.products_of, section.makers, section.companies, section.entities):
            assert sorted(named - set(reading.catalogue.by_id)) == [], section.id


def test_a_file_in_the_data_folder_replaces_them(tmp_path: Path, reading: Reading) -> None:
    (tmp_path / "digest.toml").write_text('[[section]]\nid = "all-amd"\ntitle = "AMD"\nmakers = ["amd"]\n', "utf-8")
    sections = load_sections(tmp_path)
    assert list(sections.titles.items()) == [("all-amd", "AMD"), (REST, "Also this week")]
    assert sections.of({"amd-mi300x": 1.0}, "", reading.catalogue) == "all-amd"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no"),
        ("[[section]]\nid = 'a'\n", "needs an id and a title"),
        ("[[section]]\nid = 'a'\ntitle = 'A'\ncolour = 'red'\n", "there is no 'colour'"),
        ("[[section]]\nid = 'a'\ntitle = 'A'\nmakers = 'amd'\n", "makers must be a list"),
        ("[[section]]\nid = 'a'\ntitle = 'A'\nweight = -1\n", "weight must be"),
        ("[[section]]\nid = 'also'\ntitle = 'A'\n", "kept for the rest"),
        ("[[section]]\nid = 'a'\ntitle = 'A'\n[[section]]\nid = 'a'\ntitle = 'B'\n", "twice"),
        ("[[", "cannot be read"),
    ],
)
def test_a_file_that_is_not_of_the_form_is_said_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "digest.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=words) as caught:
        load_sections(tmp_path)
    assert "\n" not in caught.value.message.strip()
