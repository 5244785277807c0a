"""What stands around the boards: the data, thresholds, class counts, gaps, how to reproduce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bench.domain import BoardRow, DatasetFacts, EvalProtocol, Finding, Leaderboard
from bench.reports.banners import accepted_faults, standin_words
from bench.reports.boards import in_order
from bench.reports.escaping import escape_markdown
from bench.reports.failures import incomplete_rows
from bench.reports.markdown_parts import fold, fold_long, join_blocks, render_code, render_table
from bench.reports.numbers import format_count, format_coverage, format_number, plural
from bench.reports.racing import render_budget

TOLD_ABOVE = "duplicate-rows"
"""The finding that the data line tells already."""

ORIGINS = {
    "file": "a local file",
    "cache": "the per-user cache",
    "download": "a download",
    "built-in": "built in, simulated",
    "stand-in": "the built-in stand-in",
}


def render_banner(facts: DatasetFacts) -> str:
    """Return warnings that cannot be overlooked, or nothing for real data without severe faults."""
    return "\n\n".join(filter(None, [_standin_banner(facts), _accepted_banner(facts)]))


def _accepted_banner(facts: DatasetFacts) -> str:
    lines = [
        f"> - {escape_markdown(sentence[:1].upper() + sentence[1:], width=400)}"
        for sentence in accepted_faults(facts)
    ]
    if not lines:
        return ""
    return "\n".join(["> **DO NOT BELIEVE THESE FIGURES: severe faults were accepted.**", *lines])


def _standin_banner(facts: DatasetFacts) -> str:
    if not facts.is_standin:
        return ""
    title = escape_markdown(facts.title or facts.name, width=80)
    return (
        "> **STAND-IN DATA: these figures were not measured on the real table.**\n"
        f"> They come from built-in data: {title}.\n"
        "> They show that the benchmark runs; never quote them as results."
    )


def render_data(leaderboard: Leaderboard) -> str:
    """Return what the figures were measured on, with notes and the doctor's findings."""
    facts = leaderboard.run.facts
    lines = [
        f"**Data:** {plural(facts.n_samples, 'row')}, {plural(facts.n_features, 'feature')}, "
        f"{100 * facts.prevalence:.1f} % positive ({facts.n_positives:,}); "
        f"from {ORIGINS[facts.origin]}; digest {facts.digest[:12]}.",
        _duplicates(facts, leaderboard.run.experiment.protocol),
    ]
    thinned = leaderboard.run.experiment.protocol.train_prevalence
    if thinned is not None:
        lines.append(
            f"**Positives are left out of the training rows until {100 * thinned:.3g} % are left; "
            "test rows are as they are.**"
        )
    if facts.licence:
        lines.append(f"Licence: {escape_markdown(facts.licence, width=120)}.")
    remarks = [f"- note: {escape_markdown(note, width=400)}" for note in facts.notes]
    for severity in ("severe", "warning", "note"):
        word = f"**{severity}**" if severity == "severe" else severity
        remarks += [
            f"- {word}{_accepted(facts, finding)}: {escape_markdown(finding.message, width=400)}"
            for finding in facts.findings
            if finding.severity == severity and finding.code != TOLD_ABOVE
        ]
    summary = plural(len(remarks), "remark") + " on the data"
    return "\n".join(lines) + ("\n\n" + fold_long(summary, remarks) if remarks else "")


def _accepted(facts: DatasetFacts, finding: Finding) -> str:
    """Return that a finding was accepted; nothing otherwise."""
    return " (accepted)" if facts.is_accepted(finding) else ""


def _duplicates(facts: DatasetFacts, protocol: EvalProtocol) -> str:
    """Return how many rows repeat others, and on which side of a split they are."""
    if not facts.n_grouped_rows:
        return "No row repeats another."
    if protocol.is_by_time:
        return (
            f"{plural(facts.n_grouped_rows, 'row')} share all features with another; rows are "
            "divided by time alone."
        )
    text = (
        f"{plural(facts.n_grouped_rows, 'row')} share all features with another, "
        f"{facts.n_duplicate_rows:,} of them the label too; "
    )
    if protocol.duplicates == "together":
        return text + "such rows stay on one side of every split."
    return text + "**they may lie on both sides of a split, which flatters every figure.**"


def render_thresholds(leaderboard: Leaderboard) -> str:
    """Return how thresholds were chosen and how far that flatters the figures."""
    lines = [
        "The threshold of a split maximises F1 on the out-of-fold scores of the other folds of its "
        "repeat, never on the rows that report it; a study's on its own inner out-of-fold scores.",
    ]
    if leaderboard.run.experiment.protocol.is_by_time:
        lines.append("The other periods include later ones: in practice only the past is known.")
    if leaderboard.threshold_optimism is not None:
        optimism = format_number(leaderboard.threshold_optimism, is_signed=True)
        lines.append(
            f"What the first way gains over the second, which is fully nested: {optimism} F1 on "
            f"average ({plural(leaderboard.n_optimism, 'fit')} with a study have both)."
        )
    return "\n".join(lines)


def render_class_counts(leaderboard: Leaderboard) -> str:
    """Return how many training rows of each class the learners met, per strategy."""
    groups: dict[tuple[str, str, str], list[BoardRow]] = defaultdict(list)
    for row in in_order(leaderboard):
        if row.n_splits:
            candidate = row.candidate
            groups[candidate.strategy, candidate.preparation, candidate.tuning].append(row)
    merged: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for (strategy, preparation, tuning), rows in sorted(groups.items()):
        cells = (
            *(_range(row.counts_before[k] for row in rows) for k in (0, 1)),
            *(_range(row.counts_after[k] for row in rows) for k in (0, 1)),
            _range(100 * row.counts_after[1] / max(sum(row.counts_after), 1) for row in rows),
        )
        merged[strategy, preparation, *cells].append(tuning)
    if not merged:
        return ""
    table = render_table(
        ["strategy", "preparation", "tuning", "stay", "leave", "stay after", "leave after", "%"],
        [
            [escape_markdown(strategy), preparation, ", ".join(tunings), *cells]
            for (strategy, preparation, *cells), tunings in merged.items()
        ],
        right=range(3, 8),
    )
    return join_blocks(
        [
            f"## Training rows before and after resampling{standin_words(leaderboard)}",
            "How many who stay and who leave, means over splits; % is the share of leavers after.\n"
            "Test rows are never resampled.",
            table,
        ]
    ).rstrip()


def _range(values: Iterable[float]) -> str:
    """Return one rounded number, or the smallest and largest of several."""
    texts = dict.fromkeys(format_count(value) for value in sorted(values))
    first, *others = texts
    return f"{first} to {[first, *others][-1]}" if others else first


def render_missing(leaderboard: Leaderboard) -> str:
    """Return what was skipped or failed, with reasons; nothing where all is there."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    named = {(skip.candidate, skip.reason) for skip in leaderboard.run.skips}
    for skip in sorted(leaderboard.run.skips, key=lambda skip: skip.candidate):
        fitted = skip.candidate.fitted
        if fitted != skip.candidate and (fitted, skip.reason) in named:
            continue  # made of the same fits
        by_reason[skip.reason].append(escape_markdown(str(skip.candidate), width=60))
    skipped = [
        f"- {escape_markdown(reason, width=300)}: {', '.join(names)}"
        for reason, names in by_reason.items()
    ]
    failed = _failures(leaderboard)
    if not skipped and not failed:
        return ""
    return join_blocks(
        [
            "## Skipped and incomplete",
            fold_long(f"{plural(len(skipped), 'reason')} to skip", skipped),
            "Incomplete, not counted as 0, taken up again by the next run:" if failed else "",
            fold_long(plural(len(failed), "incomplete candidate"), failed),
        ]
    ).rstrip()


def _failures(leaderboard: Leaderboard) -> list[str]:
    """Return a line for each candidate that lacks splits, with what its fits raised."""
    return [
        f"- {escape_markdown(str(row.candidate), width=60)} ({format_coverage(row)} of the "
        f"splits): {escape_markdown(why, width=300)}"
        for row, why in incomplete_rows(leaderboard)
    ]


def render_reproduction(leaderboard: Leaderboard) -> str:
    """Return the command, the protocol and the versions behind the figures."""
    run = leaderboard.run
    versions = ", ".join(
        f"{escape_markdown(name)} {escape_markdown(version)}"
        for name, version in sorted(run.versions.items())
    )
    commit = f"\nCommit: {escape_markdown(run.commit)}." if run.commit else ""
    has_study = any(c.tuning == "optuna" for c in run.experiment.candidates)
    protocol = run.experiment.protocol
    if run.experiment.race:
        protocol = replace(protocol, repeats=run.n_repeats)
    return join_blocks(
        [
            "## How to reproduce",
            render_code(run.command) if run.command else "",
            render_budget(leaderboard),
            f"Protocol: {render_protocol(protocol, has_study=has_study)}{_most(leaderboard)}"
            f"{_starts(run.experiment.starts_from)}.\n"
            f"Versions: {versions}.{commit}",
            _addresses(leaderboard),
        ]
    ).rstrip()


def _addresses(leaderboard: Leaderboard) -> str:
    """Return how to have rows made again, and the address of each."""
    rows = [row for row in in_order(leaderboard) if row.address]
    if not rows:
        return ""
    cells = [
        [
            "" if row.rank is None else str(row.rank),
            escape_markdown(str(row.candidate), width=60),
            row.address,
        ]
        for row in rows
    ]
    table = render_table(["rank", "candidate", "address"], cells, right=[0])
    name = escape_markdown(leaderboard.run.facts.name)
    summary = f"Addresses of {plural(len(rows), 'row')}"
    return (
        f"`python -m bench verify` with this folder (such as results/{name}) makes rows again and "
        "says whether they are the same. Every row has an address: a digest of data, splits, "
        "candidate, protocol and versions.\n\n"
        f"{fold(summary, table)}"
    )


def _most(leaderboard: Leaderboard) -> str:
    """Return how many repeats a race might have had, where it had fewer."""
    run = leaderboard.run
    most = run.experiment.protocol.repeats
    return f"; a race of up to {plural(most, 'repeat')}" if run.experiment.race else ""


def _starts(datasets: tuple[str, ...]) -> str:
    if not datasets:
        return ""
    names = ", ".join(escape_markdown(name, width=60) for name in datasets)
    return f"; studies also begin with what those of {names} chose (--learn-starts)"


def _division(protocol: EvalProtocol) -> str:
    """Return how rows were divided."""
    kind, _, column = protocol.split.partition(":")
    if protocol.is_by_time:
        return (
            f"{protocol.folds} periods in the order of {escape_markdown(column)}, each tested by "
            "what learnt from all before it"
        )
    text = f"{plural(protocol.repeats, 'repeat')} of {protocol.folds} stratified folds"
    return f"{text}, each {escape_markdown(column)} in one" if kind == "group" else text


def render_protocol(protocol: EvalProtocol, *, has_study: bool) -> str:
    """Return everything outside a candidate that can change a number, in one line."""
    parts = [
        _division(protocol),
        f"seed {protocol.seed}",
        f"{plural(protocol.threads, 'thread')} a fit",
    ]
    if not protocol.is_by_time:
        kept = "kept together" if protocol.duplicates == "together" else "ignored"
        parts.append(f"duplicates {kept}")
    if has_study:
        parts.append(
            f"studies of {plural(protocol.trials, 'trial')} over {protocol.inner_folds} inner "
            f"folds by {protocol.metric}"
        )
    return ", ".join(parts)
