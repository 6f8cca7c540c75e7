/** Both sides' response times as quantile curves: the tail is drawn wide, where versions differ. */
import type { GateResult } from '../../core/gate.ts';
import { CURVE, type FlowTimes, type SideTimes } from '../../core/gate-evidence.ts';
import { formatMs } from '../../core/units.ts';
import { formatCount, NONE } from '../format.ts';
import { swatchOf, x } from './gate-plot.ts';
import { breakable, nothing, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const SIDES = [
  ['baseline', 'g-base'],
  ['candidate', 'g-cand'],
] as const;
const SHOWN = [0.5, 0.9, 0.95, 0.99, 0.999] as const;
const nameOf = (quantile: number): string => `P${Number((quantile * 100).toFixed(2))}`;

export function timesSection({ evidence }: GateResult): Markup {
  const lead = `Good answers of all kept blocks. The tail is stretched: P90 to P99 is as wide as everything below P90.`;
  const flows = (evidence?.times ?? []).filter((one) => one.baseline.count + one.candidate.count > 0);
  const body =
    flows.length === 0
      ? nothing('No good answer was measured in a kept block.')
      : flows.map((flow) => [curves(flow), timesTable(flow)]);
  return section('times', 'Response times of both sides', lead, body);
}

const HEIGHT = 220;
const PAD = 12;

/** The share of the width at which a quantile lies. */
const tail = (quantile: number): number => -Math.log10(1 - quantile);

function curves(flow: FlowTimes): Markup | null {
  const known = SIDES.flatMap(([side]) => pointsOf(flow[side]));
  if (known.length < 2) return null;
  const end = Math.max(...known.map(([quantile]) => tail(quantile)));
  const across = (quantile: number): number => (0.97 * tail(quantile)) / end;
  const logs = known.map(([, value]) => Math.log(value));
  const [low, high] = [Math.min(...logs) - 0.05, Math.max(...logs) + 0.05];
  const up = (value: number): number =>
    HEIGHT - PAD - ((Math.log(value) - low) / (high - low)) * (HEIGHT - 2 * PAD);
  const ticks = ticksOf(Math.exp(low), Math.exp(high));
  const marks = SHOWN.filter((one) => tail(one) <= end + 1e-9);
  const path = (side: SideTimes): string =>
    pointsOf(side)
      .map(
        ([quantile, value], at) =>
          `${at === 0 ? 'M' : 'L'}${(across(quantile) * 1000).toFixed(1)} ${up(value).toFixed(1)}`,
      )
      .join('');
  const said = `Quantiles of ${flow.flow} on both sides; the table below has the numbers`;
  return html`<figure class="g-figure">
<figcaption>${breakable(flow.flow)}</figcaption>
<div class="g-chart"><svg class="g-ticks" width="58" height="${HEIGHT}" aria-hidden="true">${ticks.map(
    (value) =>
      html`<text x="52" y="${(up(value) + 4).toFixed(1)}" text-anchor="end">${tickText(value)}</text>`,
  )}</svg>
<svg class="g-strip" height="${HEIGHT}" role="img" aria-label="${said}"><title>${said}</title>
${ticks.map((value) => html`<line class="g-grid" x1="0" x2="100%" y1="${up(value).toFixed(1)}" y2="${up(value).toFixed(1)}"/>`)}
${marks.map((one) => html`<line class="g-grid" x1="${x(across(one))}" x2="${x(across(one))}" y1="0" y2="${HEIGHT}"/>`)}
<svg width="100%" height="${HEIGHT}" viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none">${SIDES.map(
    ([side, name]) =>
      html`<path class="g-curve ${name}" vector-effect="non-scaling-stroke" d="${path(flow[side])}"/>`,
  )}</svg></svg></div>
<svg class="g-strip g-names" height="16" aria-hidden="true">${marks.map(
    (one) => html`<text x="${x(across(one))}" y="12" text-anchor="middle">${nameOf(one)}</text>`,
  )}</svg>
<p class="g-legend">${SIDES.map(([side, name]) => html`<span>${swatchOf(`g-curve ${name}`)} ${side}</span>`)}</p>
</figure>`;
}

const pointsOf = ({ ms }: SideTimes): readonly (readonly [number, number])[] =>
  CURVE.flatMap((quantile, at) => {
    const value = ms[at];
    return typeof value === 'number' && value > 0 ? [[quantile, value] as const] : [];
  });

/** 1, 2, 5, 10, … within the range; of a narrow range its ends. */
function ticksOf(low: number, high: number): readonly number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
    for (const step of [1, 2, 5])
      if (step * 10 ** power >= low && step * 10 ** power <= high) found.push(step * 10 ** power);
  return found.length >= 2 ? found : [low * 1.05, high / 1.05];
}

const tickText = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toPrecision(3))} s` : `${Number(value.toPrecision(3))} ms`;

function timesTable({ flow, baseline, candidate }: FlowTimes): Markup {
  const heads = [{ title: 'Side' }, num('Good answers'), ...SHOWN.map((one) => num(nameOf(one)))];
  const at = ({ ms }: SideTimes, quantile: number): number | null => ms[CURVE.indexOf(quantile)] ?? null;
  const row = (name: string, side: SideTimes): Markup =>
    html`<tr><th scope="row">${name}</th>${numCell(formatCount(side.count))}${SHOWN.map((one) =>
      numCell(formatMs(at(side, one))),
    )}</tr>`;
  const ratio = (quantile: number): string => {
    const [from, to] = [at(baseline, quantile), at(candidate, quantile)];
    return from === null || to === null || from === 0 ? NONE : (to / from).toFixed(3);
  };
  return table(
    `Response times of ${flow} on both sides`,
    heads,
    html`<tbody>${row('baseline', baseline)}${row('candidate', candidate)}
<tr><th scope="row">pooled ratio</th>${numCell('')}${SHOWN.map((one) => numCell(ratio(one)))}</tr></tbody>`,
  );
}
