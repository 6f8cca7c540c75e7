/**
 * Every pair in the order in which it ran, so that a drift, a few wild pairs or an effect of the order are
 * seen; the dropped ones too, hollow.
 */
import { type GateMetricResult, type GatePlan, type GateResult, quantityName } from '../../core/gate.ts';
import type { SeenPair } from '../../core/gate-evidence.ts';
import { formatElapsed } from '../format.ts';
import { estimateText, nameOfMetric, points } from '../gate-words.ts';
import { limitsLegend, type Scale, scaleOf, x } from './gate-plot.ts';
import { breakable, nothing, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function pairsSection(gate: GateResult, plan: GatePlan): Markup {
  const { run, kept, judged } = gate.pairs;
  const pairs = gate.evidence?.pairs ?? [];
  const lead = `${run} run, ${kept} kept, ${judged} judged. Each mark is a pair, in the order in which they ran.
Its shape says which side had the first block. A hollow mark is a dropped pair, which is not judged.`;
  if (pairs.length === 0) return section('pairs', 'Pairs', lead, nothing('No pair was run.'));
  const figures = gate.metrics.map((metric, index) => {
    const values = pairs.map((one) => one.values[index] ?? null);
    // A flow without a single failure has nothing to draw.
    const isFlat = metric.quantity === 'failed' && values.every((one) => one === 0 || one === null);
    return isFlat || values.every((one) => one === null) ? null : dotPlot(metric, index, gate, plan);
  });
  const has = (kind: string): boolean => pairs.some((one) => kindOf(one) === kind);
  return section('pairs', 'Pairs', lead, [
    html`<p class="g-legend"><span>${mark('AB', 'kept')} baseline first</span><span>${mark('BA', 'kept')} candidate first</span>
${has('dropped') && html`<span>${mark('AB', 'dropped')} dropped</span>`}${has('after') && html`<span>${mark('AB', 'after')} kept, after the answer</span>`}${limitsLegend(plan, false)}</p>`,
    ...figures,
    droppedList(gate),
    html`<details><summary>Every pair as a table</summary>${pairTable(gate, pairs)}</details>`,
  ]);
}

const mark = (order: SeenPair['order'], kind: string): Markup =>
  html`<svg class="swatch" width="14" height="14" aria-hidden="true"><svg x="7" y="7" overflow="visible">${shape(order, kind)}</svg></svg>`;

const shape = (order: SeenPair['order'], kind: string): Markup =>
  order === 'AB'
    ? html`<circle class="g-pair ${kind}" r="4"/>`
    : html`<path class="g-pair ${kind}" d="M0-5.2 4.8 3.6H-4.8Z"/>`;

const kindOf = ({ dropped, judged }: SeenPair): string =>
  dropped !== null ? 'dropped' : judged ? 'kept' : 'after';

const HEIGHT = 132;
const PAD = 10;

function dotPlot(metric: GateMetricResult, index: number, gate: GateResult, plan: GatePlan): Markup {
  const pairs = gate.evidence?.pairs ?? [];
  const values = pairs.map((one) => one.values[index] ?? null);
  const scale = scaleOf(metric.quantity, values, plan);
  const y = (value: number): string => (HEIGHT - PAD - scale.at(value) * (HEIGHT - 2 * PAD)).toFixed(1);
  const across = (at: number): number =>
    pairs.length === 1 ? 0.5 : 0.015 + (0.97 * at) / (pairs.length - 1);
  const line = (value: number, name: string): Markup =>
    html`<line class="${name}" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/>`;
  const dots = pairs.map((pair, at) => {
    const value = values[at] ?? null;
    if (value === null) return null;
    return html`<svg x="${x(across(at))}" y="${y(value)}" overflow="visible"><title>${wordsOf(pair, value, metric)}</title>${shape(
      pair.order,
      kindOf(pair),
    )}</svg>`;
  });
  const last = pairs.at(-1);
  const said = `${nameOfMetric(metric)} by pair, ${estimateText(metric)} in the middle; the table below has every number`;
  return html`<figure class="g-figure">
<figcaption>${breakable(metric.flow)} ${quantityName(metric.quantity)}</figcaption>
<div class="g-chart">${yAxis(scale, y)}
<svg class="g-strip" height="${HEIGHT}" role="img" aria-label="${said}">${band(metric, y)}
${line(scale.equal, 'g-equal')}${scale.allow !== scale.equal && line(scale.allow, 'g-allow')}${line(scale.find, 'g-find')}
${looksAt(gate, pairs).map((at) => html`<line class="g-look" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${HEIGHT}"><title>look</title></line>`)}
${dots}</svg></div>
<div class="g-axis g-under" aria-hidden="true"><span>pair ${pairs[0]?.pair ?? 1}</span><span>pair ${last?.pair ?? 1}, ${formatElapsed(
    last?.atMs ?? 0,
  )} later</span></div>
</figure>`;
}

/** The interval of the answer behind the pairs that it was made of. */
function band({ low, high }: GateMetricResult, y: (value: number) => string): Markup | null {
  if (low === null || high === null) return null;
  const [top, bottom] = [Number(y(high)), Number(y(low))];
  return html`<rect class="g-band" x="0" width="100%" y="${top}" height="${Math.max(1, bottom - top).toFixed(1)}"/>`;
}

function yAxis(scale: Scale, y: (value: number) => string): Markup {
  const least = scale.equal === 0 ? -scale.reach : 1 / scale.reach;
  const tick = (value: number): Markup =>
    html`<text x="52" y="${Number(y(value)) + 4}" text-anchor="end">${scale.text(value)}</text>`;
  return html`<svg class="g-ticks" width="58" height="${HEIGHT}" aria-hidden="true">${[scale.reach, scale.equal, least].map(tick)}</svg>`;
}

/** Just behind the kept pair after which the gate looked. */
function looksAt({ looks, pairs: { kept } }: GateResult, pairs: readonly SeenPair[]): readonly number[] {
  const places = pairs.flatMap((one, at) => (one.dropped === null ? [at] : []));
  return looks
    .filter((one) => one.pairs <= kept)
    .flatMap(({ pairs: count }) => {
      const at = places[count - 1];
      return at === undefined || pairs.length < 2 ? [] : [0.015 + (0.97 * (at + 0.5)) / (pairs.length - 1)];
    })
    .filter((at) => at < 1);
}

const say = (value: number | null, { quantity }: GateMetricResult): string =>
  value === null ? '–' : quantity === 'failed' ? points(value) : value.toFixed(3);

const wordsOf = (pair: SeenPair, value: number, metric: GateMetricResult): string =>
  `pair ${pair.pair}, ${firstOf(pair)} first, at ${formatElapsed(pair.atMs)}: ${say(value, metric)}${
    pair.dropped === null ? '' : `; dropped: ${pair.dropped}`
  }`;

const firstOf = ({ order }: SeenPair): string => (order === 'AB' ? 'baseline' : 'candidate');

function droppedList({ dropped }: GateResult): Markup | null {
  if (dropped.length === 0) return null;
  return html`<ul class="g-dropped">${dropped.map(
    (one) => html`<li><strong>Pair ${one.pair} dropped</strong>: ${one.why}</li>`,
  )}</ul>`;
}

function pairTable(gate: GateResult, pairs: readonly SeenPair[]): Markup {
  const heads = [
    num('Pair'),
    num('At'),
    { title: 'First block' },
    ...gate.metrics.map((one) => num(nameOfMetric(one))),
    { title: 'Counts' },
  ];
  const rows = pairs.map(
    (pair) => html`<tr>
${numCell(pair.pair)}${numCell(formatElapsed(pair.atMs))}<td>${firstOf(pair)}</td>
${gate.metrics.map((metric, index) => numCell(say(pair.values[index] ?? null, metric)))}
<td>${pair.dropped ?? (pair.judged ? 'yes' : 'after the answer')}</td></tr>`,
  );
  return table('Every pair of the gate', heads, html`<tbody>${rows}</tbody>`);
}
