/** How long each fault had an effect: on the probes, on every flow, and on the pod that had to recover. */
import type { FaultRecord, PodStretch, Recovery } from '../../core/result.ts';
import { formatMs } from '../../core/units.ts';
import { formatRecovery, formatSpan } from '../format.ts';
import type { ReportInput } from '../input.ts';
import {
  faultStatusText,
  kafkaTexts,
  lossText,
  noFaultText,
  ownStallText,
  podTotalMs,
  rowStatusText,
  type SliRow,
  shownSlis,
  sliName,
  splitSlis,
  worstText,
} from '../rows.ts';
import { nothing, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const HEADS = [
  { title: 'SLI' },
  { title: 'Status' },
  {
    title: 'Degraded',
    hint: 'From onset to recovery, on one scale per fault; the line is the removal',
    classes: 'wide',
  },
  num('Onset', 'From injection to the first degraded window'),
  num('Since injected', 'The true time is at most the bound in brackets earlier'),
  num('Since removed', 'Negative: recovered before the fault was removed'),
  num('Worst', 'Worst share of bad arrivals in a window; for probes the longest silence'),
  num('Lost', 'Seconds of good service lost, added up'),
];

const percent = (part: number, whole: number): string =>
  `${Math.max(0, Math.min(100, whole > 0 ? (100 * part) / whole : 0)).toFixed(2)}%`;

/** The interval in which an SLI was degraded, to the scale of the slowest one of its fault. */
function bar(recovery: Recovery, longest: number, removedMs: number | null): Markup {
  const from = recovery.onsetMs ?? 0;
  const to = recovery.sinceInjectedMs ?? longest;
  const kind = recovery.status === 'censored' ? 'open' : 'closed';
  const style = `left:${percent(from, longest)};width:${percent(Math.max(0, to - from), longest)}`;
  const removal =
    removedMs !== null && removedMs <= longest && html`<b style="left:${percent(removedMs, longest)}"></b>`;
  return html`<div class="bar" aria-hidden="true"><i class="${kind}" style="${style}"></i>${removal}</div>`;
}

function sliRow(row: SliRow, longest: number, removedMs: number | null): Markup {
  const { recovery } = row;
  const tone = recovery.status === 'censored' ? 'bad' : 'plain';
  return html`<tr>
<th scope="row">${sliName(row)}</th>
<td>${statusBadge(recovery.status, rowStatusText(row))}</td>
<td class="wide">${bar(recovery, longest, removedMs)}</td>
${numCell(formatSpan(recovery.onsetMs))}
${numCell(html`<strong>${formatRecovery(recovery, 'injected')}</strong>`, tone)}
${numCell(formatRecovery(recovery, 'removed'))}
${numCell(worstText(row))}
${numCell(lossText(recovery))}
</tr>`;
}

/** The recovery timeline of a pod as one bar: its parts are to scale, and their sum is printed with them. */
function podBar(fault: FaultRecord, stretches: readonly PodStretch[]): Markup {
  const total = podTotalMs(fault);
  const parts = stretches.map(
    (one, index) => html`<i class="p${index % 6}" style="width:${percent(one.ms, total)}"></i>`,
  );
  const legend = stretches.map(
    (one, index) => html`<li><i class="p${index % 6}"></i>${one.name} <b>${formatMs(one.ms)}</b></li>`,
  );
  return html`<div class="pod"><h4>Pod timeline <b>${formatMs(total)}</b></h4>
<div class="stack" aria-hidden="true">${parts}</div><ol>${legend}</ol></div>`;
}

function faultPart(fault: FaultRecord): Markup {
  const { degraded, calm } = splitSlis(fault);
  const shown = shownSlis(fault);
  const removedMs =
    fault.removedAt === null || fault.injectedAt === null ? null : fault.removedAt - fault.injectedAt;
  const longest = Math.max(1, ...shown.map((row) => row.recovery.sinceInjectedMs ?? 0));
  const all = degraded.length + calm.length;
  const names = calm.map(sliName).join(', ');
  const left = ownStallText(fault);
  const none = all === 0 ? 'Nothing was watched for this fault.' : 'No SLI degraded.';
  return html`<h3>${fault.name} ${statusBadge(fault.status, faultStatusText(fault))}</h3>
${
  shown.length === 0
    ? nothing(none)
    : table(
        `Recovery from ${fault.name}`,
        HEADS,
        html`<tbody>${shown.map((row) => sliRow(row, longest, removedMs))}</tbody>`,
      )
}
${calm.length > 0 && html`<p class="calm">Never degraded (${calm.length} of ${all}): ${names}</p>`}
${kafkaTexts(fault).map((one) => html`<p class="calm">${one}</p>`)}
${left !== '' && html`<p class="calm">${left}</p>`}
${fault.pod !== null && podBar(fault, fault.pod.phases)}`;
}

export function recoverySection(input: ReportInput): Markup {
  const { faults } = input.result;
  const lead = `Recovered: the first instant after which the SLI stayed inside its baseline band for
the hold time. If the watch ended earlier, the time is shown as > and never averaged.`;
  const body = faults.length === 0 ? nothing(noFaultText(input)) : faults.map(faultPart);
  return section('recovery', 'Recovery', lead, body);
}
