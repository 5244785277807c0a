"""What the page says in words and plain tables: values for its template, nothing escaped yet."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.analysis.answer import advice, answer, caveats
from bench.analysis.choice import Choice, choose
from bench.analysis.effects import StrategyEffect
from bench.analysis.evidence import ASPECTS, SMOTE, Evidence
from bench.analysis.findings import Findings
from bench.analysis.importance import importance_failures
from bench.analysis.money import amounts_origin
from bench.analysis.racing import shared_repeats
from bench.analysis.shapes import seconds_per_fit
from bench.domain import DatasetFacts, Leaderboard, Run
from bench.metrics import METRICS
from bench.reports.banners import accepted_faults, standin_words
from bench.reports.boards import in_order
from bench.reports.economics import describe_economics
from bench.reports.escaping import shorten
from bench.reports.failures import incomplete_rows
from bench.reports.markdown_context import ORIGINS, render_protocol
from bench.reports.numbers import format_count, format_coverage, format_number, plural, with_minus
from bench.reports.page.features import leading_features

_LEAST_TRUSTED = ("severe", "warning", "note")
TITLE_WIDTH = 120
HOW_MANY = "How many customers to call?"


@dataclass(frozen=True)
class Remark:
    """A finding or note about the data, with how bad it is."""

    severity: str
    message: str
    effect: str = ""
    remedy: str = ""


def page_context(
    findings: Findings, evidence: Evidence, *, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the template's variables; ``data`` is what the scripts draw."""
    leaderboard = findings.leaderboard
    run, facts = leaderboard.run, leaderboard.run.facts
    lead, more = _answer(findings, evidence)
    choice = choose(leaderboard)
    return {
        "title": shorten(facts.title or facts.name, TITLE_WIDTH),
        "standin": standin_words(leaderboard).strip(),
        "is_standin": facts.is_standin,
        "accepted_faults": accepted_faults(facts),
        "lead": lead,
        "more": [*more, *_cheapest(leaderboard, choice)],
        "is_interrupted": run.is_interrupted,
        "n_failed": _count_failed(leaderboard),
        "n_fits": len(run.jobs),
        "verdicts": [verdict.sentence for verdict in findings.verdicts],
        "facts": describe_facts(facts),
        "remarks": _remarks(facts),
        "accepted": facts.accepted,
        "protocol": protocol_sentence(leaderboard),
        "command": run.command,
        "commit": run.commit or "",
        "origin": ORIGINS[facts.origin],
        "is_file": facts.origin == "file",
        "digest": facts.digest[:12],
        "verify": data["verify"],
        "economics": describe_economics(facts.economics, findings.references),
        "amounts_origin": amounts_origin(facts.economics),
        "asks_amounts": HOW_MANY if evidence.earnings else "",
        "help": evidence.help,
        "aspects": [f"{noun} ({METRICS.lookup(name).title})" for name, noun in ASPECTS],
        "strategies": _strategies(evidence),
        "optimism": _optimism(leaderboard),
        "has_features": data["features"] is not None,
        "leaders": leading_features(data["features"]),
        "has_segments": data["segments"] is not None,
        "has_tuning": data["tuning"] is not None,
        "skips": _skips(run),
        "failures": _failures(leaderboard),
        "unexplained": _unexplained(findings),
        "lost": [
            (str(row.candidate), shorten(why, 300))
            for row, why in incomplete_rows(leaderboard)
            if not row.coverage
        ],
        "stops": _stops(run),
        "versions": sorted(run.versions.items()),
        "machine": [(name.replace("_gb", ", GB"), value) for name, value in run.machine.items()],
        "digests": [("dataset", facts.digest), ("commit", run.commit or "not known")],
        "code": sorted(run.code.items()),
        "licence": facts.licence,
        "citation": facts.citation,
    }


# --- the answer -----------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What the page answers to one question, in sentences."""

    question: str
    sentences: Sequence[str]


def _answer(findings: Findings, evidence: Evidence) -> tuple[list[Reply], list[str]]:
    """Return the replies to what everybody asks, and what a careful reader asks beyond."""
    leaderboard = findings.leaderboard
    plainly = replace(leaderboard, expected_of_selection=None, resolvable_difference=None)
    best, taken = answer(plainly), advice(leaderboard)
    # What to do comes first, unless nothing is to be believed.
    first = len(caveats(leaderboard))
    which = [sentence for sentence in best if sentence != taken]
    which[first:first] = [taken] if taken else []
    has_smote = any(one.strategy.startswith(SMOTE) for one in evidence.strategies)
    replies = [
        Reply("Which model?", which),
        Reply("Does SMOTE help?" if has_smote else "Do strategies help?", evidence.help),
        Reply("Is tuning worth its time?", findings.tuning),
        Reply(HOW_MANY, evidence.earnings),
    ]
    more = [s for s in answer(leaderboard) if s not in best]
    return [reply for reply in replies if reply.sentences], more


def _strategies(evidence: Evidence) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what was shown of each strategy: its name, then a verdict and a range by aspect."""
    return [
        (one.strategy, [_change(metric, one.changes.get(metric, ())) for metric, _ in ASPECTS])
        for one in evidence.strategies
    ]


def _change(metric: str, effects: Sequence[StrategyEffect]) -> tuple[str, str]:
    if not effects:
        return "not measured", ""
    real = [effect.is_better for effect in effects if effect.matters]
    n = len(effects)
    words = [
        f"{word} in {count} of {n}"
        for word, count in (("better", real.count(True)), ("worse", real.count(False)))
        if count
    ]
    low, high = (pick(e.difference for e in effects) for pick in (min, max))
    digits = 2 if metric == "empc" else 4
    ends = [with_minus(format_number(x, digits=digits, is_signed=True)) for x in (low, high)]
    return " and ".join(words) or "no change shown", " to ".join(dict.fromkeys(ends))


def _cheapest(leaderboard: Leaderboard, choice: Choice | None) -> list[str]:
    """Return which of those that cannot be told from the best is the quickest to fit."""
    tied = [row for row in in_order(leaderboard) if row.is_tied_with_best and row.costs]
    if len(tied) < 2:
        return []
    seconds = [seconds_per_fit(row) for row in tied]
    quickest = seconds.index(min(seconds))
    taken = next((k for k, row in enumerate(tied) if choice and row is choice.row), quickest)
    told = dict.fromkeys(k for k in (taken, 0) if k != quickest)
    others = "".join(f"; `{tied[k].candidate}` {_duration(seconds[k])}" for k in told)
    return [
        f"Of those tied, `{tied[quickest].candidate}` is the quickest to fit "
        f"({_duration(seconds[quickest])} a fit{others})."
    ]


def _duration(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:,.0f} s"


# --- the data -------------------------------------------------------------------------


def describe_facts(facts: DatasetFacts) -> list[tuple[str, str]]:
    """Return the figures of a dataset that a reader looks for first, each with its name."""
    return [
        ("Customers", format_count(facts.n_samples)),
        ("Features", format_count(facts.n_features)),
        ("Leave", f"{100 * facts.prevalence:.1f} % ({format_count(facts.n_positives)})"),
        ("Data from", ORIGINS[facts.origin]),
        ("Rows like another", f"{facts.n_grouped_rows:,}" if facts.n_grouped_rows else "none"),
    ]


def _remarks(facts: DatasetFacts) -> list[Remark]:
    found = [
        Remark(finding.severity, finding.message, finding.effect, finding.remedy)
        for severity in _LEAST_TRUSTED
        for finding in facts.findings
        if finding.severity == severity
    ]
    return [*found, *(Remark("note", note) for note in facts.notes)]


def protocol_sentence(leaderboard: Leaderboard) -> str:
    """Return how the figures were made, in one line of plain text."""
    run = leaderboard.run
    protocol = run.experiment.protocol
    if run.experiment.race:
        protocol = replace(protocol, repeats=run.n_repeats)
    has_study = any(c.tuning == "optuna" for c in run.experiment.candidates)
    # The text is Markdown, whose escapes are entities; the template has its own way.
    words = html.unescape(render_protocol(protocol, has_study=has_study))
    if protocol.train_prevalence is not None:
        words += f", positives thinned to {100 * protocol.train_prevalence:.3g} % of training rows"
    shared = shared_repeats(run).n_repeats
    if shared < run.n_repeats:
        words += f"; strategies compared over the first {plural(shared, 'repeat')}"
    return f"{words}."


def _optimism(leaderboard: Leaderboard) -> str:
    if leaderboard.threshold_optimism is None:
        return ""
    return with_minus(format_number(leaderboard.threshold_optimism, is_signed=True))


# --- the fine print -------------------------------------------------------------------


def _skips(run: Run) -> list[tuple[str, list[str]]]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for skip in sorted(run.skips, key=lambda skip: skip.candidate):
        by_reason[skip.reason].append(str(skip.candidate))
    return sorted(by_reason.items())


def _failures(leaderboard: Leaderboard) -> list[tuple[str, str, str]]:
    """Return the candidates that lack splits: name, share of the splits, why."""
    return [
        (str(row.candidate), format_coverage(row), shorten(why, 300))
        for row, why in incomplete_rows(leaderboard)
    ]


def _count_failed(leaderboard: Leaderboard) -> int:
    """Return how many failed fits the rows lack; others failed at their importances only."""
    run = leaderboard.run
    lacking = {row.candidate.fitted for row, _ in incomplete_rows(leaderboard)}
    return sum(job.id in run.failures and job.candidate in lacking for job in run.jobs)


def _unexplained(findings: Findings) -> list[str]:
    """Return which importances failed."""
    records = {
        one.record.job.id: one.record for splits in findings.scored.values() for one in splits
    }
    failures = importance_failures(findings.leaderboard.run, records)
    return [shorten(why, 300) for why in failures]


def _stops(run: Run) -> list[tuple[str, int, str, str]]:
    return [
        (
            str(stop.candidate),
            stop.repeats,
            str(stop.behind),
            with_minus(format_number(stop.difference, is_signed=True)),
        )
        for stop in run.stopped
    ]
