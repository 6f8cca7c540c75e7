/** Percentiles by flow and phase; choosing the clock needs no JavaScript. */
import { faultOfPhase } from '../../core/fault-steps.ts';
import type { FlowPhase, Quantiles, StepStats } from '../../core/result.ts';
import { formatMs } from '../../core/units.ts';
import { formatCount, formatRate, shareOf } from '../format.ts';
import type { ReportInput } from '../input.ts';
import { badOf, flowsOf, outcomesText, percentileRows, requestSteps } from '../rows.ts';
import { breakable, type Head, nothing, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const CLOCKS = [
  ['response', 'Response', 'due → done'],
  ['service', 'Service', 'sent → done'],
  ['lateness', 'Lateness', 'due → sent'],
  ['connect', 'Connect', 'new connections only'],
] as const;

const QUANTILES: readonly (readonly [keyof Quantiles, string])[] = [
  ['p50', 'P50'],
  ['p90', 'P90'],
  ['p95', 'P95'],
  ['p99', 'P99'],
  ['p999', 'P99.9'],
  ['max', 'Max'],
];

const clockOf = (stats: FlowPhase, clock: (typeof CLOCKS)[number][0]): Quantiles =>
  ({
    response: stats.responseMs,
    service: stats.serviceMs,
    lateness: stats.latenessMs,
    connect: stats.connectMs,
  })[clock];

const phaseClass = (phase: string): string => (faultOfPhase(phase)?.part === 'fault' ? 'in-fault' : '');

/** Shows the most frequent outcome; the others are in the tooltip. */
function failedCell(stats: FlowPhase): Markup {
  const why = outcomesText(stats.outcomes, 1);
  const all = outcomesText(stats.outcomes, Number.POSITIVE_INFINITY);
  return html`${shareOf(badOf(stats), stats.due)}${why !== '' && html`<small title="${all}">${why}</small>`}`;
}

function row(phase: string, stats: FlowPhase): Markup {
  const { attainedRate, dueRate } = stats;
  return html`<tr class="${phaseClass(phase)}">
<th scope="row">${breakable(phase)}</th>
${numCell(formatCount(stats.count))}
${numCell(failedCell(stats), badOf(stats) > 0 ? 'bad' : 'plain')}
${numCell(formatCount(stats.dropped), stats.dropped > 0 ? 'warn' : 'plain')}
${numCell(html`${formatRate(attainedRate)}<small>of ${formatRate(dueRate)}</small>`)}
${CLOCKS.map(([clock]) => {
  const quantiles = clockOf(stats, clock);
  return QUANTILES.map(
    ([key]) => html`<td class="num c-${clock}${key === 'p99' && ' key'}">${formatMs(quantiles[key])}</td>`,
  );
})}
</tr>`;
}

function stepRow(phase: string, step: string, { count, serviceMs }: StepStats): Markup {
  return html`<tr class="${phaseClass(phase)}">
<th scope="row">${breakable(`${phase} › ${step}`)}</th>
${numCell(formatCount(count))}
${[1, 2, 3].map(() => numCell(''))}
${CLOCKS.map(([clock]) =>
  QUANTILES.map(
    ([key]) =>
      html`<td class="num c-${clock}${key === 'p99' && ' key'}">${clock === 'service' ? formatMs(serviceMs[key]) : ''}</td>`,
  ),
)}
</tr>`;
}

const HEADS: readonly Head[] = [
  { title: 'Phase' },
  num('Count', 'Completed arrivals, good or failed'),
  num('Failed', 'Share of the due arrivals that were not good: failed, dropped or interrupted'),
  num('Dropped', 'Arrivals that were due but never sent'),
  num('Rate', 'Started per second, of due per second'),
  ...CLOCKS.flatMap(([clock, , span]) =>
    QUANTILES.map(([, title]): Head => ({ title, align: 'num', classes: `c-${clock}`, hint: span })),
  ),
];

export function percentilesSection(input: ReportInput): Markup {
  const rows = percentileRows(input);
  const columns = HEADS.length;
  const groups = flowsOf(input).map((flow) => {
    const own = rows.filter((one) => one.flow === flow);
    if (own.length === 0) return null;
    return html`<tbody>
<tr class="group"><th scope="rowgroup" colspan="${columns}"><span>${flow}</span></th></tr>
${own.map(({ phase, stats }) => [row(phase, stats), ...requestSteps(stats).map(([step, own]) => stepRow(phase, step, own))])}</tbody>`;
  });
  const choices = CLOCKS.map(
    ([clock, title, span], index) =>
      html`<label class="chip"><input type="radio" name="clock" id="clock-${clock}"${
        index === 0 && html` checked`
      }><span>${title} <small>${span}</small></span></label>`,
  );
  const body =
    rows.length === 0
      ? nothing('No arrival was measured.')
      : html`<div class="clocks"><fieldset class="controls-row"><legend>Clock</legend>${choices}</fieldset>
${table('Latency percentiles by flow and phase', HEADS, groups)}</div>`;
  const lead = `Response starts at the instant an arrival was due, so a stalled system cannot hide behind a
waiting generator; dropped arrivals count with a lower bound of their time.`;
  return section('percentiles', 'Percentiles', lead, body);
}
