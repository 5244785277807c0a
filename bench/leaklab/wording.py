"""What the lab found, in sentences: shared by its page and the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from bench.leaklab.catalogue import Mistake
from bench.leaklab.claims import Band, ClaimVerdict, Judged, Suspect
from bench.leaklab.judging import Inflation, LabRow, LabTable, mean_of
from bench.metrics import METRICS
from bench.reports.numbers import format_number, plural

Effect = Literal["flatters", "seems to flatter", "none", "unclear"]
EFFECTS: Mapping[Effect, str] = {
    "flatters": "It flatters here.",
    "seems to flatter": "It seems to flatter here: beyond noise alone, not among all rows.",
    "none": "Next to nothing here.",
    "unclear": "Not told apart from noise here.",
}
NEGLIGIBLE = {"roc_auc": 0.01, "f1_at_05": 0.03, "f1": 0.03}
"""Intervals within these, either way, show that a mistake does no harm worth the name."""

MAIN = tuple(NEGLIGIBLE)
VERDICTS = {
    "impossible": "impossible honestly on this data",
    "at the edge": "at the edge: only a lucky split gives as much",
    "plausible": "plausible",
}
MOST_SUSPECTS = 5


def title_of(metric: str) -> str:
    """Return a metric's title."""
    return METRICS.lookup(metric).title


def signed(value: float) -> str:
    """Return a difference with its sign, three digits."""
    return format_number(value, digits=3, is_signed=True)


def short(value: float | None) -> str:
    """Return a figure with three digits."""
    return format_number(value, digits=3)


def interval(found: Inflation) -> str:
    """Return a difference with its interval: ``+.161 [+.150, +.172]``."""
    return f"{signed(found.difference)} [{signed(found.low)}, {signed(found.high)}]"


# --- the lab --------------------------------------------------------------------------


def honest_sentences(table: LabTable) -> list[str]:
    """Return for each model what it reaches plain, and as recommended, without any mistake."""
    sentences = []
    for model in table.models:
        told = []
        for reference in table.references:
            if reference.candidate in (f"{model}+none+default", f"{model}+none+recommended"):
                figures = [
                    f"{title_of(metric)} {short(mean)}"
                    for metric in MAIN
                    if (mean := mean_of(reference.values, metric)) is not None
                ]
                told.append(f"{', '.join(figures)} (`{reference.candidate}`)")
        if told:
            sentences.append(f"{model}, honestly: {'; '.join(told)}.")
    return sentences


def highest_sentences(table: LabTable) -> list[str]:
    """Return for each model which mistake makes its ranking look best."""
    sentences = []
    for model in table.models:
        rows = [row for row in table.rows if row.model == model and "roc_auc" in row.inflation]
        row = max(rows, key=lambda row: row.inflation["roc_auc"].leaky, default=None)
        if row is None or row.inflation["roc_auc"].difference <= 0:
            continue
        changes = [
            f"{title_of(metric)} from {short(row.inflation[metric].honest)} to "
            f"{short(row.inflation[metric].leaky)}"
            for metric in ("roc_auc", "f1_at_05")
            if metric in row.inflation
        ]
        sentences.append(
            f"Most flattering for {model}: `{row.mistake}` lifts {' and '.join(changes)}, against "
            f"`{row.honest_candidate}`."
        )
    return sentences


def harmless_sentence(table: LabTable) -> str:
    """Return which mistakes change next to nothing here; nothing where none is that harmless."""
    found = [m.name for m in table.mistakes if effect_of(table.rows_of(m.name)) == "none"]
    if not found:
        return ""
    names = ", ".join(f"`{name}`" for name in found)
    return (
        f"Shown to change ROC-AUC by less than {short(NEGLIGIBLE['roc_auc'])} and F1 by less than "
        f"{short(NEGLIGIBLE['f1'])} on these data: {names}. They are mistakes all the same, and "
        "another table may pay for them."
    )


def effect_of(rows: Sequence[LabRow]) -> Effect:
    """Return what the rows of one mistake show, by the main figures of all models."""
    mains = [
        (row.inflation[metric], limit)
        for row in rows
        for metric, limit in NEGLIGIBLE.items()
        if metric in row.inflation
    ]
    better = [(found, limit) for found, limit in mains if found.difference > 0]
    if any(found.is_beyond_noise for found, _ in better):
        return "flatters"
    if any(found.is_alone_beyond_noise and found.difference > limit for found, limit in better):
        return "seems to flatter"
    if mains and all(max(-found.low, found.high) < limit for found, limit in mains):
        return "none"
    return "unclear"


def explanation_of(mistake: Mistake, table: LabTable) -> str:
    """Return what a mistake is, and whether it did anything here."""
    return f"{mistake.explanation} *{EFFECTS[effect_of(table.rows_of(mistake.name))]}*"


def checklist(table: LabTable) -> list[tuple[str, str]]:
    """Return (what to look for, what the mistake added here), the samplers together."""
    items: list[tuple[str, str]] = []
    resampling = [mistake for mistake in table.mistakes if mistake.sampler]
    rows = [row for mistake in resampling for row in table.rows_of(mistake.name)]
    if rows:
        items.append((resampling[0].tell, _most(rows)))
    for mistake in table.mistakes:
        found = table.rows_of(mistake.name)
        if not mistake.sampler and found:
            items.append((mistake.tell, _most(found)))
    return items


def _mains(row: LabRow) -> list[str]:
    """Return the main metrics that a row has."""
    return [metric for metric in MAIN if metric in row.inflation]


def _most(rows: Sequence[LabRow]) -> str:
    """Return what the mistake of any of ``rows`` adds at most, by its main figures."""
    row = max(rows, key=lambda row: sum(row.inflation[m].difference for m in _mains(row)))
    changes = [
        f"{signed(row.inflation[metric].difference)} {title_of(metric)}" for metric in _mains(row)
    ]
    remark = {"none": ": next to nothing", "unclear": ", not told apart from noise"}
    doubt = remark.get(effect_of(rows), "")
    return f"Here `{row.mistake}` adds {', '.join(changes)} ({row.model}){doubt}."


def left_out_lines(table: LabTable) -> list[str]:
    """Return which mistakes could not be made, and why."""
    return [f"{one.mistake}, {one.model}: {one.reason}" for one in table.left_out]


# --- a claim --------------------------------------------------------------------------


def claim_sentences(verdict: ClaimVerdict) -> list[str]:
    """Return what to think of a claim: figure by figure, then the mistakes that explain it."""
    lines = [_figure(one, verdict) for one in verdict.judged]
    if verdict.verdict == "plausible":
        lines.append("Taken together: plausible; nothing here needs a mistake to be explained.")
        return lines
    together = f"Taken together: {VERDICTS[verdict.verdict]}"
    found = [suspect for suspect in verdict.suspects if suspect.reproduces]
    further = [suspect for suspect in verdict.suspects if suspect.goes_further]
    if found:
        lines.append("Reproduced here, the most likely first:")
        lines += [_named(n, one) for n, one in enumerate(found[:MOST_SUSPECTS], start=1)]
        return [*lines, f"{together}; most likely `{found[0].mistake}`."]
    if further:
        lines.append("Not reproduced, but these go further, so that a milder form would do:")
        lines += [_named(n, one) for n, one in enumerate(further[:MOST_SUSPECTS], start=1)]
        return [*lines, f"{together}; perhaps a milder `{further[0].mistake}`."]
    lines.append("None of the mistakes made here reproduces it, or reaches it at all.")
    return [*lines, f"{together}. Other data, or several mistakes at once, may be behind it."]


def _figure(one: Judged, verdict: ClaimVerdict) -> str:
    title = title_of(one.metric)
    start = f"{title} {short(one.value)}: {VERDICTS[one.verdict]}"
    if one.note:
        start += f"; {one.note}"
    if one.band is None:
        return f"{start}."
    return f"{start}. {_reach(one.band, verdict.n_references)}{_beyond(one, one.band)}."


def _reach(band: Band, n_references: int) -> str:
    how = "at its best threshold " if f"{band.metric}_at_05" in METRICS else ""
    return (
        f"The best of {plural(n_references, 'honest candidate')} (`{band.candidate}`) reaches "
        f"{short(band.best)} {how}on average; single splits give up to {short(band.usual)}, "
        f"and {short(band.edge)} at the very most"
    )


def _beyond(one: Judged, band: Band) -> str:
    if one.verdict == "plausible":
        return ""
    limit = band.usual if one.verdict == "at the edge" else band.edge
    return f"; the claim is {short(abs(one.value - limit))} beyond that"


def _named(number: int, suspect: Suspect) -> str:
    figures = ", ".join(
        f"{title_of(metric)} {short(value)}" for metric, value in suspect.figures.items()
    )
    return f"  {number}. {suspect.title} (`{suspect.mistake}`, {suspect.model}): {figures}"
