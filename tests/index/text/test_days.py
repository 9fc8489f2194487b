from datetime import date

import pytest

from index.text.days import days


@pytest.mark.parametrize(
    "written",
    [
        "2022年10月7日",
        "2022年10月07号",
        "２０２２年１０月７日",
        "October 7, 2022",
        "Oct. 7th 2022",
        "7 October 2022",
        "7th of Oct. 2022",
        "2022-10-07",
        "2022/10/7",
    ],
)
def test_a_day_is_one_day_however_it_is_written(written: str) -> None:
    [day] = days(f"On {written}: rules")
    assert day.terms == ("2022-10-07", "10-07", "2022-10")


@pytest.mark.parametrize("written", ["2022年10月", "October 2022", "Oct. 2022", "2022-10"])
def test_a_month_of_a_year_is_a_time_too(written: str) -> None:
    assert [day.terms for day in days(f"In {written}, rules")] == [("2022-10",)]


@pytest.mark.parametrize("written", ["4月19日", "April 19", "19 April", "Apr. 19th"])
def test_a_day_without_a_year_is_in_that_nearest_to_when_it_was_written(written: str) -> None:
    assert [day.terms for day in days(written)] == [("04-19",)]
    assert next(days(written, date(2023, 4, 25))).terms == ("2023-04-19", "04-19", "2023-04")
    assert next(days(written, date(2022, 12, 30))).terms[0] == "2023-04-19"
    assert next(days(written, date(2023, 11, 30))).terms[0] == "2023-04-19"


@pytest.mark.parametrize(
    "text",
    ["2月30日", "February 30, 2023", "3,640 PF-days in March", "May 4.5 times", "10-7", "version 2022-13", "H100", "30月7日"],
)
def test_what_is_no_day_gives_none(text: str) -> None:
    assert list(days(text)) == []


def test_a_day_tells_where_it_stands() -> None:
    text = "Rules of 7 October 2022, letters of 8月26日"
    assert [text[day.start : day.end] for day in days(text)] == ["7 October 2022", "8月26日"]
