import threading

import pytest

from api.clock import utc_now
from api.jobs import Jobs, Progress
from index.errors import NotFound, StoreFull


def test_a_job_tells_how_far_it_is_and_what_came_of_it() -> None:
    jobs = Jobs(utc_now)
    halfway, go_on = threading.Event(), threading.Event()

    def work(progress: Progress) -> str:
        progress("reading", 1, 2)
        halfway.set()
        go_on.wait(5)
        return "All is read."

    name = jobs.submit("reading", work)
    assert halfway.wait(5)
    running = jobs.job(name)
    assert (running["state"], running["stage"], running["done"], running["total"]) == ("running", "reading", 1, 2)
    waiting = jobs.submit("reading", work)
    assert jobs.submit("reading", work) == waiting != name, "one that waits stands for all of its kind"
    go_on.set()
    jobs.close()
    done = jobs.job(name)
    assert (done["state"], done["detail"]) == ("done", "All is read.")
    assert done["finished"] is not None


def test_a_job_that_fails_says_why_and_the_next_one_runs() -> None:
    jobs = Jobs(utc_now)

    def fails(progress: Progress) -> str:
        raise StoreFull("The disk is full.")

    failed, done = jobs.submit("a", fails), jobs.submit("b", lambda progress: "Done.")
    jobs.close()
    assert (jobs.job(failed)["state"], jobs.job(failed)["detail"]) == ("failed", "The disk is full.")
    assert jobs.job(done)["state"] == "done"
    with pytest.raises(NotFound):
        jobs.job("nonsense")
