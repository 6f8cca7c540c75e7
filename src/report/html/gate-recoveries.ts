/**
 * How long each side of a gate took to be back after each fault: pair by pair on one scale, and as a table.
 */
import type { GatePlan, GateResult } from '../../core/gate.ts';
import type { GateRecovery, RecoveryPlan, RecoveryTime } from '../../core/gate-recovery.ts';
import {
  droppedTexts,
  pairText,
  recoveryName,
  recoveryRatioText,
  recoveryRow,
  timeText,
} from '../gate-recovery-words.ts';
import { percent } from '../gate-words.ts';
import { x } from './gate-plot.ts';
import { breakable, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function recoveriesSection({ recoveries = [] }: GateResult, { recovery }: GatePlan): Markup | null {
  if (recovery === undefined) return null;
  return section('recoveries', 'Recovery after faults', leadOf(recovery), [
    html`<p class="g-legend"><span>${mark('baseline', 'recovered')} baseline</span><span>${mark('candidate', 'recovered')} candidate</span>
<span>${mark('baseline', 'censored')} not back when its watch ended</span></p>`,
    ...recoveries.map((one) => (one.byPair.length === 0 ? null : figure(one))),
    summaryTable(recoveries),
    droppedList(recoveries),
    html`<details><summary>Every fault pair as a table</summary>${pairTable(recoveries)}</details>`,
  ]);
}

function leadOf({ pairs, find, allow, faults }: RecoveryPlan): string {
  const later = allow === 0 ? 'later' : `later by more than ${percent(allow)}`;
  return `${faults.map((one) => one.name).join(', ')}: injected into both sides, one after the other, ${pairs} times,
after the last pair of blocks, while both sides had their whole load. A side is back when its arrivals neither fail nor are slow.
PASS: the candidate certainly recovers less than ${percent(find)} later. FAIL: it certainly recovers ${later}.`;
}

const ROW = 22;
const PAD = 12;

/** A row a pair: how far apart both sides are, in seconds from the left. */
function figure(recovery: GateRecovery): Markup {
  const { byPair } = recovery;
  const longest = Math.max(...byPair.flatMap((one) => [one.baseline.ms, one.candidate.ms]));
  const at = ({ ms }: RecoveryTime): number => 0.02 + (0.94 * ms) / longest;
  const rows = byPair.map((one, index) => {
    const y = PAD + index * ROW;
    const [from, to] = [at(one.baseline), at(one.candidate)];
    return html`<g><title>${pairText(one)}</title>
<line class="g-between" x1="${x(from)}" x2="${x(to)}" y1="${y}" y2="${y}"/>
${(['baseline', 'candidate'] as const).map(
  (side) =>
    html`<svg x="${x(at(one[side]))}" y="${y}" overflow="visible">${shape(side, one[side].status)}</svg>`,
)}</g>`;
  });
  const height = 2 * PAD + (byPair.length - 1) * ROW;
  return html`<figure class="g-figure">
<figcaption>${breakable(recovery.flow)} after ${recovery.fault}</figcaption>
<div class="g-chart"><svg class="g-ticks" width="58" height="${height}" aria-hidden="true">${byPair.map(
    (one, index) => html`<text x="52" y="${PAD + index * ROW + 4}" text-anchor="end">${one.pair}</text>`,
  )}</svg>
<svg class="g-strip" height="${height}" role="img" aria-label="${recoveryName(recovery)}, ratio ${recoveryRatioText(recovery)}; the table below has every number">${rows}</svg></div>
<div class="g-axis g-under" aria-hidden="true"><span>0 s after ${recovery.clock === 'removed' ? 'its end' : 'the act'}</span><span>${(longest / 1000).toFixed(1)} s</span></div>
</figure>`;
}

const mark = (side: 'baseline' | 'candidate', status: RecoveryTime['status']): Markup =>
  html`<svg class="swatch" width="18" height="14" aria-hidden="true"><svg x="7" y="7" overflow="visible">${shape(side, status)}</svg></svg>`;

/**
 * A circle is the baseline, a square the candidate; an arrow goes on to the right of one that was not back.
 */
function shape(side: 'baseline' | 'candidate', status: RecoveryTime['status']): Markup {
  const kind = `g-back ${side}`;
  const body =
    side === 'baseline'
      ? html`<circle class="${kind}" r="4.5"/>`
      : html`<rect class="${kind}" x="-4" y="-4" width="8" height="8"/>`;
  return status === 'censored' ? html`${body}<path class="g-open" d="M6 0H13M10-3 13 0 10 3"/>` : body;
}

function summaryTable(recoveries: readonly GateRecovery[]): Markup {
  const heads = [
    { title: 'Recovery' },
    { title: 'Answer' },
    num('Baseline', 'The median of the pairs'),
    num('Candidate', 'The median of the pairs'),
    num('Ratio', 'With its interval: each bound at its part of the level'),
    num('Pairs'),
  ];
  const rows = recoveries.map((one) => {
    const { baseline, candidate, ratio, pairs, note } = recoveryRow(one);
    return html`<tr><th scope="row">${breakable(one.flow)} after ${one.fault}${note !== '' && html`<small>${note}</small>`}</th>
<td>${statusBadge(one.status)}</td>${numCell(baseline)}${numCell(candidate)}${numCell(html`<strong>${ratio}</strong>`)}${numCell(pairs)}</tr>`;
  });
  return table('Recoveries of the gate', heads, html`<tbody>${rows}</tbody>`);
}

function droppedList(recoveries: readonly GateRecovery[]): Markup | null {
  const dropped = droppedTexts(recoveries);
  return dropped.length === 0
    ? null
    : html`<ul class="g-dropped">${dropped.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function pairTable(recoveries: readonly GateRecovery[]): Markup {
  const heads = [{ title: 'Recovery' }, num('Pair'), num('Baseline'), num('Candidate'), num('Seen within')];
  const rows = recoveries.flatMap((one) =>
    one.byPair.map(({ pair, baseline, candidate }) => {
      const within = Math.max(baseline.boundMs, candidate.boundMs) / 1000;
      return html`<tr><th scope="row">${breakable(one.flow)} after ${one.fault}</th>${numCell(pair)}${numCell(timeText(baseline))}${numCell(
        timeText(candidate),
      )}${numCell(`${within.toFixed(1)} s`)}</tr>`;
    }),
  );
  return table('Every fault pair of the gate', heads, html`<tbody>${rows}</tbody>`);
}
