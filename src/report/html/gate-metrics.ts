/** Every metric of a gate with its ratio and interval, on one scale and as a table. */
import { type GateMetricResult, type GatePlan, type GateResult, quantityName } from '../../core/gate.ts';
import {
  detectableText,
  estimateText,
  intervalText,
  nameOfMetric,
  neededText,
  ratioText,
  ruleText,
  sidesOf,
  sideText,
} from '../gate-words.ts';
import { limitsLegend, type Scale, scaleOf, swatchOf, x } from './gate-plot.ts';
import { breakable, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function metricsSection(gate: GateResult, plan: GatePlan): Markup {
  const lead = html`${plan.candidate} against ${plan.baseline}, in ${gate.pairs.judged} pairs of alternating blocks.
${ruleText(plan)}`;
  const times = gate.metrics.filter((one) => one.quantity !== 'failed');
  const failed = gate.metrics.filter((one) => one.quantity === 'failed');
  return section('gate', 'Candidate against baseline', lead, [
    ratioPlot('Ratio of candidate to baseline', times, plan),
    ratioPlot('Failed arrivals, candidate less baseline', failed, plan),
    metricsTable(gate),
  ]);
}

function metricsTable(gate: GateResult): Markup {
  const heads = [
    { title: 'Metric' },
    { title: 'Answer' },
    num('Baseline', 'Of the typical block: the median over blocks'),
    num('Candidate', 'Of the typical block: the median over blocks'),
    num('Ratio', 'Of failures the difference in points'),
    num('Interval', 'Each bound at the level of this look'),
    num('Pooled', 'The ratio of the quantiles of all blocks taken together'),
    num('Spread', 'Standard deviation of the logarithms of the ratios of pairs'),
    num('Can find', 'What so many pairs find nine times in ten'),
    num('Pairs needed', 'For the difference that must not be missed'),
  ];
  const rows = gate.metrics.map((one, index) => {
    const { baseline, candidate, pooledRatio } = sidesOf(gate, index);
    return html`<tr>
<th scope="row">${breakable(one.flow)} ${quantityName(one.quantity)}${one.note !== null && html`<small>${one.note}</small>`}</th>
<td>${statusBadge(one.status)}</td>
${numCell(sideText(one.quantity, baseline))}
${numCell(sideText(one.quantity, candidate))}
${numCell(html`<strong>${estimateText(one)}</strong>`)}
${numCell(intervalText(one))}
${numCell(pooledRatio === null ? '–' : pooledRatio.toFixed(3))}
${numCell(one.sdPair === null ? '–' : one.sdPair.toFixed(3))}
${numCell(detectableText(one))}
${numCell(neededText(one))}
</tr>`;
  });
  return table('Metrics of the gate', heads, html`<tbody>${rows}</tbody>`);
}

function ratioPlot(title: string, metrics: readonly GateMetricResult[], plan: GatePlan): Markup | null {
  const shown = metrics.filter((one) => one.estimate !== null);
  const [first] = shown;
  if (first === undefined) return null;
  const scale = scaleOf(
    first.quantity,
    shown.flatMap((one) => [one.low, one.estimate, one.high]),
    plan,
  );
  return html`<figure class="g-figure">
<figcaption>${title}</figcaption>
<div class="g-ratios">${shown.map((one) => ratioRow(one, scale))}
<div class="g-row"><span></span>${axis(scale)}</div></div>
<p class="g-legend"><span>${swatchOf('g-interval')} interval</span>${limitsLegend(plan, first.quantity === 'failed')}</p>
</figure>`;
}

const HEIGHT = 34;

function ratioRow(metric: GateMetricResult, scale: Scale): Markup {
  const { low, high, estimate } = metric;
  const [from, to] = [low === null ? 0 : scale.at(low), high === null ? 1 : scale.at(high)];
  const said = `${nameOfMetric(metric)}: ${ratioText(metric)}, ${metric.status}`;
  const line = (value: number, name: string): Markup =>
    html`<line class="${name}" x1="${x(scale.at(value))}" x2="${x(scale.at(value))}" y1="0" y2="${HEIGHT}"/>`;
  return html`<div class="g-row"><span class="g-name">${breakable(metric.flow)} <b>${quantityName(metric.quantity)}</b></span>
<svg class="g-strip" height="${HEIGHT}" role="img" aria-label="${said}"><title>${said}</title>
${line(scale.equal, 'g-equal')}${scale.allow !== scale.equal && line(scale.allow, 'g-allow')}${line(scale.find, 'g-find')}
<line class="g-interval" x1="${x(from)}" x2="${x(to)}" y1="${HEIGHT / 2}" y2="${HEIGHT / 2}"/>
<circle class="g-estimate" cx="${x(scale.at(estimate ?? scale.equal))}" cy="${HEIGHT / 2}" r="5"/></svg></div>`;
}

/** The ends and the middle: what lies between is read off the table. */
function axis(scale: Scale): Markup {
  const least = scale.equal === 0 ? -scale.reach : 1 / scale.reach;
  return html`<div class="g-axis" aria-hidden="true"><span>${scale.text(least)}</span><span>${scale.text(
    scale.equal,
  )}</span><span>${scale.text(scale.reach)}</span></div>`;
}
