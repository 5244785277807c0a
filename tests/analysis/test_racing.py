"""Who is out of a race, what that depends on, and what is still compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from bench.analysis import analyse, build_leaderboard, summarise_importance
from bench.analysis.effects import values_of
from bench.analysis.multiplicity import holm
from bench.analysis.race_summary import race_sentences, summarise_race
from bench.analysis.racing import (
    Referee,
    compare_with_leader,
    level_of_look,
    on_shared_repeats,
    shared_repeats,
)
from bench.analysis.scoring import score_splits
from bench.analysis.statistics import moderated_paired_tests
from bench.domain import Candidate, Result, Run, Skip, Stop
from bench.metrics import METRICS

GOOD, TWIN = Candidate("good"), Candidate("twin")
BAD, WORST = Candidate("bad"), Candidate("worst")
QUALITY = {GOOD: 2.0, TWIN: 1.99, BAD: 0.8, WORST: 0.2}
AUC = METRICS.lookup("roc_auc")

MakeRun = Callable[..., Run]
MakeResults = Callable[..., dict[str, Result]]


@pytest.fixture
def race(make_run: MakeRun) -> Run:
    """Three repeats of five folds that were asked for as a race."""
    run = make_run(list(QUALITY), repeats=3)
    return replace(run, experiment=replace(run.experiment, race=True))


@pytest.fixture
def results(race: Run, make_results: MakeResults) -> dict[str, Result]:
    return make_results(race, QUALITY)


def after(run: Run, repeats: int) -> Run:
    return replace(run, jobs=tuple(job for job in run.jobs if job.split.repeat < repeats))


def without(run: Run, *gone: Candidate) -> Run:
    return replace(run, jobs=tuple(job for job in run.jobs if job.candidate not in gone))


def raced(run: Run, results: Mapping[str, Result]) -> Run:
    """Return what execution makes of the race: jobs that were not asked for are gone."""
    referee, racing, stopped = Referee(), {job.candidate for job in run.jobs}, ()
    most = run.experiment.protocol.repeats
    asked: list[str] = []
    for repeat in range(most):
        asked += [j.id for j in run.jobs if j.split.repeat == repeat and j.candidate in racing]
        if repeat + 1 < most:
            so_far = replace(
                run, jobs=tuple(j for j in run.jobs if j.id in asked and j.candidate in racing)
            )
            stops = referee(so_far, results)
            stopped += stops
            racing -= {stop.candidate for stop in stops}
    return replace(run, jobs=tuple(j for j in run.jobs if j.id in asked), stopped=stopped)


# --- the referee ----------------------------------------------------------------------


def test_all_looks_together_risk_four_in_a_thousand_however_many_there_are() -> None:
    assert level_of_look(1) == pytest.approx(0.002)
    assert level_of_look(4) == pytest.approx(0.0002)
    assert sum(level_of_look(look) for look in range(1, 10_000)) == pytest.approx(0.004, rel=1e-3)


def test_who_is_far_behind_stops_and_who_is_as_good_goes_on(
    race: Run, results: dict[str, Result]
) -> None:
    stops = Referee()(after(race, 1), results)
    assert [stop.candidate for stop in stops] == [BAD, WORST]
    means = {
        c: np.mean(values_of(splits, "roc_auc"))
        for c, splits in score_splits(after(race, 1), results, [AUC]).items()
    }
    leader = max(means, key=lambda c: means[c])
    for stop in stops:
        assert (stop.repeats, stop.behind, stop.metric) == (1, leader, "roc_auc")
        assert stop.difference == pytest.approx(means[stop.candidate] - means[leader])
        assert stop.p_value < stop.level == level_of_look(1)


def test_the_p_values_are_those_of_the_moderated_tests_after_holm() -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(4, 10)) * 0.01 + np.array([[0.8], [0.81], [0.7], [0.75]])
    rows = {Candidate(name): list(row) for name, row in zip("abcd", table, strict=True)}
    leader, tested = compare_with_leader(rows, AUC, ratio=0.25)
    best = int(table.mean(axis=1).argmax())
    assert leader == Candidate("abcd"[best])
    others = [k for k in range(4) if k != best]
    tests = moderated_paired_tests(list(table[others] - table[best]), test_train_ratio=0.25)
    expected = holm([test.p_value for test in tests])
    found = [tested[Candidate("abcd"[k])][1] for k in others]
    assert found == pytest.approx(expected)


def test_where_lower_is_better_the_lowest_leads() -> None:
    rows = {Candidate("high"): [0.4, 0.41], Candidate("low"): [0.1, 0.11]}
    leader, _ = compare_with_leader(rows, METRICS.lookup("brier"), ratio=0.25)
    assert leader == Candidate("low")


def test_a_decision_looks_at_no_result_beyond_the_jobs_of_its_run(
    race: Run, results: dict[str, Result], make_results: MakeResults
) -> None:
    early = after(race, 1)
    only = {job.id: results[job.id] for job in early.jobs}
    misleading = make_results(race, {**QUALITY, WORST: 9.0}) | only
    assert Referee()(early, only) == Referee()(early, misleading) == Referee()(early, results)


def test_a_decision_does_not_depend_on_how_many_repeats_were_asked_for(
    race: Run, results: dict[str, Result]
) -> None:
    longer = replace(race.experiment.protocol, repeats=20)
    other = replace(race, experiment=replace(race.experiment, protocol=longer))
    assert Referee()(after(other, 1), results) == Referee()(after(race, 1), results)


def test_what_a_referee_remembers_changes_nothing(race: Run, results: dict[str, Result]) -> None:
    second = without(after(race, 2), WORST)
    used = Referee()
    used(after(race, 1), results)
    assert used(second, results) == Referee()(second, results)


def test_a_candidate_without_all_splits_is_not_judged(
    race: Run, results: dict[str, Result]
) -> None:
    early = after(race, 1)
    gone = next(job.id for job in early.jobs if job.candidate == WORST)
    left = {job_id: result for job_id, result in results.items() if job_id != gone}
    assert [stop.candidate for stop in Referee()(early, left)] == [BAD]


def test_one_candidate_or_one_split_is_no_race(race: Run, results: dict[str, Result]) -> None:
    alone = without(after(race, 1), TWIN, BAD, WORST)
    assert Referee()(alone, results) == ()
    one_split = replace(race, jobs=tuple(job for job in race.jobs if job.split == (0, 0)))
    assert Referee()(one_split, results) == ()


def test_fits_go_on_while_any_row_made_of_them_is_not_behind(
    make_run: MakeRun, make_result: Callable[..., Result]
) -> None:
    # Resampled scores are far too high; mapped back they are about as good as plain ones.
    plain, over = Candidate("plain"), Candidate("over", "smote")
    rows = [plain, over, replace(over, repair="isotonic")]
    run = make_run(rows, folds=5)
    run = replace(
        run,
        experiment=replace(run.experiment, rank_by="brier"),
        jobs=tuple(job for job in run.jobs if job.candidate == job.candidate.fitted),
    )
    results = {}
    for job in run.jobs:
        rng = np.random.default_rng(job.split.fold)
        p = rng.beta(1, 4, size=400)
        y = (rng.random(400) < p).astype(int)
        results[job.id] = make_result(job, y, p if job.candidate == plain else p**0.2)
    raw = replace(run, skips=(Skip(rows[2], "left out here"),))
    assert [stop.candidate for stop in Referee()(raw, results)] == [over]
    assert Referee()(run, results) == ()


# --- the board ------------------------------------------------------------------------


def test_stopped_rows_keep_their_figures_and_stand_below_the_ranked_ones(
    race: Run, results: dict[str, Result]
) -> None:
    run = raced(race, results)
    board = build_leaderboard(run, results, rank_by="roc_auc")
    found = [(row.candidate, row.rank, row.status, row.n_splits) for row in board.rows]
    assert found == [
        (GOOD, 1, "complete", 15),
        (TWIN, 2, "complete", 15),
        (BAD, None, "stopped", 5),
        (WORST, None, "stopped", 5),
    ]
    bad = board.rows[2]
    assert bad.coverage == pytest.approx(1 / 3)
    assert bad.scores["roc_auc"].mean == pytest.approx(
        np.mean(values_of(score_splits(after(race, 1), results, [AUC])[BAD], "roc_auc"))
    )
    assert (bad.p_best, bad.difference_low, bad.is_tied_with_best) == (None, None, False)


def test_figures_of_the_ranked_rows_are_those_of_a_board_without_the_stopped_ones(
    race: Run, results: dict[str, Result]
) -> None:
    run = raced(race, results)
    with_stopped = build_leaderboard(run, results, rank_by="roc_auc")
    alone = without(race, BAD, WORST)
    alone = replace(alone, experiment=replace(alone.experiment, candidates=(GOOD, TWIN)))
    expected = build_leaderboard(alone, results, rank_by="roc_auc")
    assert with_stopped.rows[:2] == expected.rows
    for figure in ("resolvable_difference", "expected_of_selection", "repeats_to_separate"):
        assert getattr(with_stopped, figure) == getattr(expected, figure)


def test_those_stopped_after_the_same_repeats_stand_by_their_figures(
    race: Run, results: dict[str, Result]
) -> None:
    swapped = {BAD: Candidate("zzz"), WORST: Candidate("aaa")}
    run = raced(race, results)

    def rename(candidate: Candidate) -> Candidate:
        return swapped.get(candidate, candidate)

    jobs = [replace(job, candidate=rename(job.candidate)) for job in run.jobs]
    renamed = {
        new.id: replace(results[old.id], record=replace(results[old.id].record, job=new))
        for old, new in zip(run.jobs, jobs, strict=True)
    }
    run = replace(
        run,
        experiment=replace(
            run.experiment, candidates=tuple(map(rename, run.experiment.candidates))
        ),
        jobs=tuple(jobs),
        stopped=tuple(replace(s, candidate=rename(s.candidate)) for s in run.stopped),
    )
    board = build_leaderboard(run, renamed, rank_by="roc_auc")
    assert [row.candidate.model for row in board.rows[2:]] == ["zzz", "aaa"]


def test_comparisons_of_any_two_stand_on_the_repeats_that_all_have(
    make_run: MakeRun, make_results: MakeResults
) -> None:
    quality = {
        Candidate("a"): 2.0,
        Candidate("a", "smote"): 0.6,
        Candidate("b"): 1.98,
        Candidate("b", "smote"): 1.97,
    }
    whole = make_run(list(quality), repeats=3)
    whole = replace(whole, experiment=replace(whole.experiment, race=True))
    results = make_results(whole, quality)
    run = raced(whole, results)
    assert [stop.candidate for stop in run.stopped] == [Candidate("a", "smote")]
    found = analyse(run, results)
    expected = analyse(after(whole, 1), results)
    assert found.effects == expected.effects
    assert found.verdicts == expected.verdicts
    assert {effect.candidate for effect in found.effects} == {
        Candidate("a", "smote"),
        Candidate("b", "smote"),
    }


def test_shared_repeats_are_all_of_them_where_nobody_was_stopped(race: Run) -> None:
    assert shared_repeats(race) is race
    stop = Stop(WORST, 2, GOOD, "roc_auc", -0.1, 0.0, 0.001)
    assert shared_repeats(replace(race, stopped=(stop,))).jobs == after(race, 2).jobs
    stops = (stop, replace(stop, candidate=BAD, repeats=1))
    assert shared_repeats(replace(race, stopped=stops)).jobs == after(race, 1).jobs


def test_scores_on_shared_repeats_are_those_of_the_shared_run(
    race: Run, results: dict[str, Result]
) -> None:
    run = raced(race, results)
    found = on_shared_repeats(score_splits(run, results, [AUC]), run)
    expected = score_splits(shared_repeats(run), results, [AUC])
    for candidate, splits in expected.items():
        assert values_of(found[candidate], "roc_auc") == values_of(splits, "roc_auc")


def test_agreement_between_models_is_over_the_splits_that_all_have(
    race: Run, results: dict[str, Result]
) -> None:
    rng = np.random.default_rng(0)
    told = {
        job_id: replace(
            result,
            record=replace(
                result.record, importance={"gain": {f: float(rng.random()) for f in "abcd"}}
            ),
        )
        for job_id, result in results.items()
    }
    run = raced(race, told)
    assert (
        summarise_importance(run, told).between_models
        == summarise_importance(after(race, 1), told).between_models
    )


# --- in words -------------------------------------------------------------------------


def test_what_was_saved_is_counted_in_fits_and_in_the_cpu_seconds_they_take(
    race: Run, results: dict[str, Result]
) -> None:
    slow = {
        job_id: replace(r, record=replace(r.record, seconds={"fit": 2.0, "predict": 0.5}))
        for job_id, r in results.items()
    }
    run = raced(race, slow)
    summary = summarise_race(build_leaderboard(run, slow, rank_by="roc_auc"))
    assert summary is not None
    assert (summary.n_candidates, summary.n_saved) == (4, 2 * 2 * 5)
    assert summary.seconds_saved == pytest.approx(20 * 2.5)
    assert [stop.candidate for stop in summary.stopped] == [BAD, WORST]


def test_a_race_tells_who_stopped_when_and_at_what_risk(
    race: Run, results: dict[str, Result]
) -> None:
    board = build_leaderboard(raced(race, results), results, rank_by="roc_auc")
    assert race_sentences(board) == [
        "The race stopped 2 of 4 candidates whose ROC-AUC was behind with high confidence (2 after "
        "1 repeat; the risk of stopping any that is as good as the best is at most 1 % over the "
        "whole race); that saved 20 fits."
    ]
    other = build_leaderboard(raced(race, results), results, rank_by="f1")
    assert race_sentences(other)[0].endswith("that saved 20 fits. It did not look at F1.")


def test_a_run_that_is_no_race_says_nothing_of_one(
    make_run: MakeRun, make_results: MakeResults
) -> None:
    run = make_run(list(QUALITY))
    board = build_leaderboard(run, make_results(run, QUALITY), rank_by="roc_auc")
    assert race_sentences(board) == []
    assert summarise_race(board) is None


def test_a_budget_says_what_depends_on_the_clock_and_what_does_not(
    race: Run, results: dict[str, Result]
) -> None:
    experiment = replace(race.experiment, budget_seconds=600.0)
    late = Candidate("late")
    run = replace(
        after(race, 2),
        experiment=replace(experiment, candidates=(*experiment.candidates, late)),
        skips=(Skip(late, experiment.out_of_time),),
        ending="budget",
    )
    board = build_leaderboard(run, results, rank_by="roc_auc")
    assert race_sentences(board)[-1] == (
        "This run was given 10 min (`--budget`): 2 repeats of up to 3 went into it, without 1 "
        "candidate for which it was too short. That depends on the clock, so that another run may "
        "show other digits; the figures of each row are those of `--repeats 2 --race` instead of "
        "the budget."
    )
    whole = replace(race, experiment=experiment)
    board = build_leaderboard(whole, results, rank_by="roc_auc")
    assert race_sentences(board)[-1] == (
        "This run was given 10 min (`--budget`), which was enough for all 3 repeats that were "
        "allowed."
    )
