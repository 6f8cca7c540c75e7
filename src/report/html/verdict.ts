/** The summary: the verdict and its reasons, four figures, and the objectives. */

import type { RunEvent } from '../../core/events.ts';
import type { GateResult } from '../../core/gate.ts';
import { insecureText } from '../../core/insecure-text.ts';
import type { Ledger } from '../../core/result.ts';
import type { Reason, Verdict } from '../../core/verdict.ts';
import { abortText } from '../abort.ts';
import { answerOf } from '../answer.ts';
import { eventText } from '../event-text.ts';
import {
  formatCount,
  formatElapsed,
  formatInterval,
  formatRecovery,
  formatUtc,
  formatValue,
  NONE,
  shareOf,
} from '../format.ts';
import { percent } from '../gate-words.ts';
import type { ReportInput } from '../input.ts';
import {
  foundRate,
  ledgerText,
  reasonsWorstFirst,
  sliName,
  slowestRecovery,
  totalsOf,
  VERDICT_MEANING,
} from '../rows.ts';
import { type Tone, toneOfStatus } from '../tone.ts';
import { nothing, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

interface Figure {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly tone: Tone;
}

const figure = (one: Figure): Markup =>
  html`<div class="figure"><dt>${one.label}</dt>
<dd><strong class="t-${one.tone}">${one.value}</strong><span>${one.note}</span></dd></div>`;

/** Why there is no recovery time. "Nothing degraded" is only valid for what was watched. */
function noRecovery(input: ReportInput): string {
  const { faults } = input.result;
  if (faults.length === 0) return 'no fault was injected';
  const watched = faults.some((fault) => Object.keys(fault.recovery).length > 0);
  return watched ? 'nothing degraded' : 'nothing was watched';
}

/** The slowest recovery of all faults; a recovery that never happened is worse than any time. */
function slowestFigure(input: ReportInput): Figure {
  const rows = input.result.faults.flatMap((fault) => {
    const row = slowestRecovery(fault);
    return row === null ? [] : [{ fault, row }];
  });
  const rank = (one: (typeof rows)[number]): number =>
    (one.row.recovery.status === 'censored' ? 1e12 : 0) + (one.row.recovery.sinceInjectedMs ?? 0);
  const worst = rows.sort((a, b) => rank(b) - rank(a))[0];
  const label = 'Slowest recovery';
  if (worst === undefined) return { label, value: NONE, note: noRecovery(input), tone: 'plain' };
  const censored = worst.row.recovery.status === 'censored';
  return {
    label,
    value: formatRecovery(worst.row.recovery, 'injected').replace(/ \(.*/, ''),
    note: `${sliName(worst.row)} after ${worst.fault.name}`,
    tone: censored ? 'bad' : 'plain',
  };
}

function gateFigures({ pairs, metrics }: GateResult, ledger: Ledger): Figure[] {
  const passed = metrics.filter((one) => one.status === 'PASS').length;
  return [
    {
      label: 'Metrics that hold',
      value: `${passed} of ${metrics.length}`,
      note: 'certainly within the limit',
      tone: passed === metrics.length ? 'good' : 'plain',
    },
    { label: 'Pairs', value: `${pairs.kept} of ${pairs.run}`, note: 'kept', tone: 'plain' },
    {
      label: 'Could have found',
      value: couldFind(metrics),
      note: 'in any of its times, nine times in ten',
      tone: 'plain',
    },
    {
      label: 'Arrivals',
      value: formatCount(ledger.due),
      note: `${shareOf(ledger.dropped, ledger.due)} dropped, ledger ${ledgerText(ledger)}`,
      tone: ledger.balanced ? 'plain' : 'bad',
    },
  ];
}

function couldFind(metrics: GateResult['metrics']): string {
  const known = metrics.flatMap((one) => one.detectable ?? []);
  return known.length === 0 ? NONE : `+${percent(Math.max(...known))}`;
}

function figures(input: ReportInput): Figure[] {
  if (input.result.gate) return gateFigures(input.result.gate, input.result.ledger);
  const totals = totalsOf(input);
  const { ledger } = input.result;
  const tone = (done: number, all: number): Tone => (all === 0 ? 'plain' : done === all ? 'good' : 'bad');
  return [
    {
      label: 'Objectives met',
      value: `${totals.objectivesMet} of ${totals.objectives}`,
      note: totals.objectives === 0 ? 'none was set' : 'on enough samples',
      tone: tone(totals.objectivesMet, totals.objectives),
    },
    {
      label: 'Faults proven',
      value: `${totals.faultsProven} of ${totals.faults}`,
      note: totals.faults === 0 ? 'none was planned' : 'seen in place and seen gone',
      tone: tone(totals.faultsProven, totals.faults),
    },
    slowestFigure(input),
    {
      label: 'Arrivals',
      value: formatCount(ledger.due),
      note:
        ledger.due === 0
          ? 'nothing was measured'
          : `${shareOf(ledger.dropped, ledger.due)} dropped, ledger ${ledgerText(ledger)}`,
      tone: ledger.balanced ? 'plain' : 'bad',
    },
  ];
}

/** The event text that the reasons do not already contain, or null for events that are no incident. */
function incidentOf(event: RunEvent): string | null {
  switch (event.kind) {
    case 'abort':
    case 'failed':
      return event.why;
    case 'interrupted':
      return event.signal;
    case 'clock-step':
      return `${event.byMs} ms`;
    case 'load-stopped':
      return event.expected ? null : event.scenario;
    default:
      return null;
  }
}

/** The interruptions of the run, unless a reason of the verdict already reports them. */
function interruptions(events: readonly RunEvent[], reasons: readonly Reason[]): Markup | null {
  const found = events.filter((event) => {
    const incident = incidentOf(event);
    return incident !== null && !reasons.some((reason) => reason.text.includes(incident));
  });
  if (found.length === 0) return null;
  return html`<ul class="remarks">${found.map((event) => html`<li>${eventText(event)}</li>`)}</ul>`;
}

const reasonList = (reasons: readonly Reason[]): Markup =>
  html`<ul class="reasons">${reasons.map(
    (reason) => html`<li>${statusBadge(reason.status)}<span>${reason.text}</span></li>`,
  )}</ul>`;

/**
 * More than this many cannot be read at once: then only the deciding ones are open, and the others are
 * folded.
 */
const REASONS_OPEN = 6;

function reasonsOf(verdict: Verdict): Markup {
  const reasons = reasonsWorstFirst(verdict.reasons);
  const passed = reasons.filter((reason) => reason.status === 'PASS');
  const told = reasons.filter((reason) => reason.status !== 'PASS');
  const first = told.filter((reason) => told.length <= REASONS_OPEN || reason.status === verdict.status);
  const rest = told.filter((reason) => !first.includes(reason));
  // Without problems the passed judgements are the message, so they are not folded.
  const open = told.length === 0 && html` open`;
  return html`${first.length > 0 && reasonList(first)}
${
  rest.length > 0 &&
  html`<details><summary>${rest.length} more findings behind ${verdict.status}</summary>
${reasonList(rest)}</details>`
}
${
  passed.length > 0 &&
  html`<details${open}><summary>${passed.length} of ${reasons.length} judgements passed</summary>
${reasonList(passed)}</details>`
}`;
}

const kicker = ({ result: { run, gate }, plan }: ReportInput): string =>
  gate && plan.gate
    ? `Gate of ${run.campaign}: ${plan.gate.candidate} against ${plan.gate.baseline}`
    : `${run.campaign} on ${run.target}`;

/** The answer of a gate is said already. */
function withoutAnswer(input: ReportInput): Verdict {
  const { verdict, gate } = input.result;
  const said = answerOf(input);
  return {
    ...verdict,
    reasons: verdict.reasons.filter((one) => one.text !== gate?.sentence && !said.includes(one.text)),
  };
}

export function verdictSection(input: ReportInput): Markup {
  const { run, verdict } = input.result;
  const isGate = input.result.gate !== undefined;
  const length = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const tone = toneOfStatus(verdict.status);
  const aborted = abortText(input.result);
  const rate = foundRate(input);
  const open = insecureText(input.plan);
  const took = Number.isNaN(length) ? NONE : formatElapsed(length);
  return html`<section id="verdict" class="verdict v-${tone}" aria-labelledby="verdict-title">
<p class="kicker">${kicker(input)}</p>
<h1 id="verdict-title">${verdict.status}</h1>
<p class="meaning">${isGate ? `${answerOf(input).slice(verdict.status.length + 2)}.` : VERDICT_MEANING[verdict.status]}
<span class="soft">Exit code ${verdict.exitCode}.</span></p>
${open !== null && html`<p><strong>WARNING:</strong> ${open}</p>`}
${aborted !== null && html`<p>${aborted}</p>`}
${interruptions(input.events, verdict.reasons)}
${reasonsOf(isGate ? withoutAnswer(input) : verdict)}
<p class="summary">${formatUtc(run.startedAt)} · took ${took} · seed ${run.seed}
· <code>${run.id}</code></p>
${rate !== null && html`<p class="summary">Rate: ${rate}</p>`}
</section>
<dl class="figures">${figures(input).map(figure)}</dl>`;
}

export function objectivesSection(input: ReportInput): Markup {
  const { objectives } = input.result;
  const heads = [
    { title: 'Status' },
    { title: 'Objective' },
    num('Observed'),
    num('95% interval', 'Contains the true value with 95% confidence'),
    num('Limit'),
    num('Samples'),
    { title: 'Source' },
  ];
  const rows = objectives.map(
    (one) => html`<tr>
<td>${statusBadge(one.status)}</td>
<th scope="row">${one.name}${one.note !== null && html`<small>${one.note}</small>`}</th>
${numCell(html`<strong>${formatValue(one.observed, one.unit)}</strong>`)}
${numCell(formatInterval(one.interval, one.unit))}
${numCell(formatValue(one.limit, one.unit))}
${numCell(formatCount(one.samples))}
<td class="source">${one.source ?? NONE}</td>
</tr>`,
  );
  const body =
    rows.length === 0
      ? nothing('No objective was set: nothing could pass.')
      : table('Objectives with their observed values and limits', heads, html`<tbody>${rows}</tbody>`);
  return section('objectives', 'Objectives', null, body);
}
