/** The details behind the numbers: ledger, timeline, definitions, environment and the plan. */
import type { Ledger } from '../../core/result.ts';
import { formatCount, formatRatio, NONE } from '../format.ts';
import type { ReportInput } from '../input.ts';
import { renderLine } from '../live/lines.ts';
import { ledgerText } from '../rows.ts';
import { badge, nothing, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const LEDGER_TONES = { balanced: 'good', 'not balanced': 'bad', 'nothing counted': 'soft' } as const;

function ledgerRow(name: string, one: Ledger): Markup {
  const numbers = [one.due, one.started, one.dropped, one.completed, one.interrupted];
  const balance = ledgerText(one);
  return html`<tr><th scope="row">${name}</th>
${numbers.map((value) => numCell(formatCount(value)))}
<td>${badge(balance, LEDGER_TONES[balance])}</td></tr>`;
}

export function ledgerSection(input: ReportInput): Markup {
  const { ledger, ledgers } = input.result;
  const heads = [
    { title: 'Flow' },
    num('Due'),
    num('Started'),
    num('Dropped'),
    num('Completed'),
    num('Interrupted'),
    { title: 'Balance' },
  ];
  const problems = ledger.problems.map((text) => html`<li>${text}</li>`);
  const body = html`${table(
    'Ledger of arrivals by flow',
    heads,
    html`<tbody>${Object.entries(ledgers).map(([flow, one]) => ledgerRow(flow, one))}</tbody>
<tfoot>${ledgerRow('All', ledger)}</tfoot>`,
  )}
${problems.length > 0 && html`<ul class="remarks">${problems}</ul>`}`;
  return section(
    'ledger',
    'Ledger',
    'Due = started + dropped, and started = completed + interrupted; no arrival is missing.',
    body,
  );
}

export function timelineSection(input: ReportInput): Markup {
  const lines = input.events.map(renderLine).filter((line) => line !== null);
  const body =
    lines.length === 0
      ? nothing('No event was recorded.')
      : html`<details><summary>${lines.length} events, times in UTC</summary><ol class="log">${lines.map(
          (line) => html`<li>${line}</li>`,
        )}</ol></details>`;
  return section('timeline', 'Timeline', null, body);
}

const TERMS: readonly (readonly [string, string])[] = [
  ['Due', 'The instant at which the schedule wanted a request to be sent, whether or not it could be.'],
  [
    'Response, service, lateness',
    `Due → done, sent → done, due → sent. Users feel response; the server causes service; the generator
     causes lateness.`,
  ],
  [
    'Dropped',
    `An arrival that was due but never sent, because every virtual user was still waiting. It counts in
     the response percentiles with the lower bound of its time.`,
  ],
  [
    'Failed',
    'Share of the due arrivals that were not good: an error, a refusal, dropped, or never answered.',
  ],
  ['P99', '99 of 100 arrivals took at most this long. Percentiles are never averaged; histograms are added.'],
  [
    'Held and fresh',
    `Two probes in addition to the load: one keeps its connection open, one opens a new one each time. Real
     clients do both.`,
  ],
  [
    '3.2 s (−0.1 s)',
    'The event was seen after 3.2 s and happened at most 0.1 s earlier: the grain of the measurement.',
  ],
  [
    '> 60 s',
    'Not recovered when the watch ended. The true time is longer; it is not averaged into anything.',
  ],
  ['Flap', 'The SLI was back and degraded again before it stayed.'],
  [
    'Lost',
    'The share of bad service integrated over time: 2 s fully down and 4 s half down are both 2 s lost.',
  ],
  ['Lease', 'The time after which another process undoes the fault, even if the harness is gone.'],
  [
    'Verdict',
    `The worst of: RESIDUE, INVALID, NO-DATA, FAIL, INCONCLUSIVE, PASS. A run that proved nothing is not
     a PASS.`,
  ],
];

const GATE_TERMS: readonly (readonly [string, string])[] = [
  ['Pair', 'A block of load on each side, one after the other; a coin says which side is first.'],
  [
    'Ratio',
    `Candidate to baseline, pair by pair; what is shown is the centre of all pairs (Hodges–Lehmann), with the
     bounds of Wilcoxon's signed ranks.`,
  ],
  ['Can find', 'A difference that this gate would have failed nine times in ten.'],
  ['Look', 'A number of pairs, agreed before, after which the gate may answer.'],
];
/** Of faults and their recovery, of which a gate without faults has none. */
const FAULT_TERMS = ['Held and fresh', '3.2 s (−0.1 s)', '> 60 s', 'Flap', 'Lost', 'Lease'];

const termsFor = ({ result, plan }: ReportInput): typeof TERMS =>
  result.gate === undefined
    ? TERMS
    : [...GATE_TERMS, ...TERMS.filter(([term]) => plan.faults.length > 0 || !FAULT_TERMS.includes(term))];

export function readingSection(input: ReportInput): Markup {
  const body = html`<dl class="terms">${termsFor(input).map(
    ([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`,
  )}</dl>`;
  return section('reading', 'How to read this', null, body);
}

export function environmentSection(input: ReportInput): Markup {
  const { run, harness } = input.result;
  const usage: [string, string][] =
    harness === null
      ? [['Harness', NONE]]
      : [
          ['Harness', `${formatRatio(harness.cpuRatio)} of a core, ${Math.round(harness.rssMb)} MB`],
          ['k6', `${formatRatio(harness.k6CpuRatio)} of a core, ${Math.round(harness.k6RssMb)} MB`],
        ];
  const facts: (readonly [string, string])[] = [
    ...Object.entries(run.versions).map(([name, version]) => [`${name} version`, version] as const),
    ...usage.map(([name, value]) => [`${name} usage`, value] as const),
    ['Seed', String(run.seed)],
    ['Started', run.startedAt],
    ['Ended', run.endedAt],
  ];
  const body = html`<dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
  return section('environment', 'Environment', null, body);
}

export function planSection(input: ReportInput): Markup {
  const body = html`<details><summary>The resolved plan, as in plan.json</summary>
<pre tabindex="0">${JSON.stringify(input.plan, null, 2)}</pre></details>`;
  return section('plan', 'Plan', null, body);
}
