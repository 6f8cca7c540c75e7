/**
 * The sections of a gate: every metric with its ratio and interval on one scale, and every pair in the order
 * in which it ran, so that a drift or a few wild pairs are seen.
 */
import type { GateMetricResult, GatePlan, GateResult } from '../../core/gate.ts';
import { estimateText, intervalText, nameOfQuantity, slotText } from '../gate-words.ts';
import type { ReportInput } from '../input.ts';
import { num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const WIDTH = 640;
const LABEL = 200;
const ROW = 34;

export function gateSections({ result, plan }: ReportInput): readonly Markup[] {
  const { gate } = result;
  if (gate === undefined || plan.gate === undefined) return [];
  return [metricsSection(gate, plan.gate), pairsSection(gate), repeatSection(result.run, plan.gate)];
}

function metricsSection(gate: GateResult, plan: GatePlan): Markup {
  const heads = [
    { title: 'Metric' },
    num('Candidate : baseline'),
    num('Interval', 'Each bound at the level of this look'),
    num('Can find', 'What so many pairs find nine times of ten'),
    num('Pairs needed', 'For the difference that must not be missed'),
    { title: 'Answer' },
    { title: 'Note' },
  ];
  const rows = gate.metrics.map(
    (one) =>
      html`<tr><th scope="row">${one.flow} ${nameOfQuantity(one)}</th>${numCell(estimateText(one))}${numCell(
        intervalText(one),
      )}${numCell(one.detectable === null ? '–' : `+${Math.round(one.detectable * 100)} %`)}${numCell(
        one.pairsNeeded === null ? '–' : String(one.pairsNeeded),
      )}<td>${statusBadge(one.status)}</td><td>${one.note ?? ''}</td></tr>`,
  );
  const lead = `${plan.candidate} against ${plan.baseline}, in ${gate.pairs.judged} pairs of alternating blocks. PASS: every metric is
surely less than ${Math.round(plan.times.find * 100)} % worse. FAIL: one is surely worse by more than ${Math.round(plan.times.allow * 100)} %.`;
  return section('gate', 'Candidate against baseline', lead, [
    ratioPlot(gate.metrics, plan),
    table('Metrics of the gate', heads, html`<tbody>${rows}</tbody>`),
  ]);
}

/** Ratios on a logarithmic scale, so that twice as fast and twice as slow are equally far from 1. */
function ratioPlot(metrics: readonly GateMetricResult[], { times }: GatePlan): Markup | null {
  const shown = metrics.filter((one) => one.quantity !== 'failed' && one.estimate !== null);
  if (shown.length === 0) return null;
  const reach = Math.max(
    Math.log(1 + times.find) * 1.5,
    ...shown.flatMap((one) => [one.low, one.high].map((bound) => Math.abs(Math.log(bound ?? 1)) * 1.1)),
  );
  const x = (ratio: number): string =>
    (LABEL + ((Math.log(ratio) + reach) / (2 * reach)) * (WIDTH - LABEL - 20)).toFixed(1);
  const height = shown.length * ROW + 38;
  const line = (ratio: number, text: string, name: string): Markup =>
    html`<line class="${name}" x1="${x(ratio)}" x2="${x(ratio)}" y1="16" y2="${height - 22}"/><text class="tick" x="${x(
      ratio,
    )}" y="${name === 'limit' ? 10 : height - 6}" text-anchor="middle">${text}</text>`;
  const rows = shown.map((one, index) => {
    const y = index * ROW + 30;
    const [low, high] = [one.low ?? Math.exp(-reach), one.high ?? Math.exp(reach)];
    return html`<text class="label" x="0" y="${y + 4}">${one.flow} ${nameOfQuantity(one)}</text>
<line class="interval" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}"/>
<circle class="estimate" cx="${x(one.estimate ?? 1)}" cy="${y}" r="5"/>`;
  });
  return html`<svg class="gate-plot" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Ratios with their intervals; the table below has the numbers">
${line(1, 'equal', 'equal')}${line(1 + times.find, `+${Math.round(times.find * 100)} %`, 'limit')}${rows}</svg>`;
}

function pairsSection(gate: GateResult): Markup {
  const shown = gate.metrics.filter((one) => one.quantity !== 'failed' && one.byPair.length > 1);
  const dropped = gate.dropped.map((one) => html`<li>pair ${one.pair}: ${one.why}</li>`);
  const { run, kept, judged } = gate.pairs;
  const lead = `${run} run, ${kept} kept, ${judged} judged. Each dot is one pair, in the order in which they ran.`;
  return section('pairs', 'Pairs', lead, [
    ...shown.map(dotPlot),
    ...slotText(gate.checks).map((text) => html`<p>${text}</p>`),
    ...(dropped.length === 0 ? [] : [html`<p>Dropped:</p><ul>${dropped}</ul>`]),
  ]);
}

function dotPlot(metric: GateMetricResult): Markup {
  const height = 90;
  const logs = metric.byPair.map((ratio) => Math.log(ratio));
  const reach = Math.max(Math.log(1.1), ...logs.map(Math.abs)) * 1.1;
  const y = (log: number): string => (height / 2 - (log / reach) * (height / 2 - 8)).toFixed(1);
  const step = (WIDTH - LABEL - 20) / Math.max(1, logs.length - 1);
  const dots = logs.map(
    (log, index) =>
      html`<circle class="pair" cx="${(LABEL + index * step).toFixed(1)}" cy="${y(log)}" r="4"/>`,
  );
  return html`<svg class="gate-plot" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${nameOfQuantity(metric)} by pair">
<text class="label" x="0" y="${height / 2 + 4}">${metric.flow} ${nameOfQuantity(metric)}</text>
<line class="equal" x1="${LABEL}" x2="${WIDTH - 20}" y1="${y(0)}" y2="${y(0)}"/>${dots}</svg>`;
}

function repeatSection(
  { campaign, seed }: ReportInput['result']['run'],
  { baseline, candidate }: GatePlan,
): Markup {
  const lead = 'The same order of blocks and the same payloads; the noise of the place is another.';
  const command = `gauntlet gate ${campaign} --baseline ${baseline} --candidate ${candidate} --seed ${seed}`;
  return section('repeat', 'Repeat it', lead, html`<pre>${command}</pre>`);
}
