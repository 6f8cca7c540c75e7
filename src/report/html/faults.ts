/** Each fault with its parameters and the receipts that it was in place and is gone. */
import type { FaultRecord, GroupPart, Receipt } from '../../core/result.ts';
import { formatOffset, formatSpan, NONE } from '../format.ts';
import type { ReportInput } from '../input.ts';
import { faultStatusText, noFaultText, runStart } from '../rows.ts';
import { nothing, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

const HEADS = [
  { title: 'Receipt' },
  { title: 'Held connection' },
  { title: 'Fresh connection' },
  num('Bound', 'The true instant is at most this long before the timestamp'),
  { title: 'Evidence' },
];

function receiptRow(name: string, receipt: Receipt | null): Markup {
  if (receipt === null) {
    return html`<tr><th scope="row">${name}</th><td class="t-bad" colspan="4">no receipt</td></tr>`;
  }
  return html`<tr><th scope="row">${name}</th><td>${receipt.held}</td><td>${receipt.fresh}</td>${numCell(
    formatSpan(receipt.boundMs),
  )}<td class="evidence">${receipt.evidence}</td></tr>`;
}

const groupText = ({ name, how, spoiled }: GroupPart): string => {
  const what = how === 'together' ? `${name}, in place at the same time` : `${name}, one after another`;
  return spoiled === null ? what : `${what}; not injected as a whole: ${spoiled}`;
};

function faultCard(fault: FaultRecord, written: string | null, start: number): Markup {
  const stages = [
    ['Planned', fault.plannedAt],
    ['Applied', fault.appliedAt],
    ['Injected', fault.injectedAt],
    ['Removed', fault.removedAt],
  ] as const;
  const lease =
    fault.lease === null ? NONE : `${formatSpan(fault.lease.ttlMs)}, held by ${fault.lease.holder}`;
  return html`<article class="fault">
<h3>${fault.name} ${statusBadge(fault.status, faultStatusText(fault))}</h3>
${written !== null && html`<p><code>${fault.kind}: ${written}</code></p>`}
<dl class="facts">
<div><dt>Victim</dt><dd>${fault.victim}</dd></div>
${stages.map(([title, at]) => html`<div><dt>${title}</dt><dd>${formatOffset(at, start)}</dd></div>`)}
<div><dt>Lease</dt><dd>${lease}</dd></div>
${fault.group !== undefined && html`<div><dt>Group</dt><dd>${groupText(fault.group)}</dd></div>`}
${fault.timers.length > 0 && html`<div><dt>Platform timers</dt><dd>${fault.timers.join(', ')}</dd></div>`}
</dl>
${table(
  `Receipts of ${fault.name}`,
  HEADS,
  html`<tbody>${receiptRow('In place', fault.injection)}${receiptRow('Gone', fault.removal)}</tbody>`,
)}
</article>`;
}

export function faultsSection(input: ReportInput): Markup {
  const start = runStart(input);
  const cards = input.result.faults.map((fault) => {
    const planned = input.plan.faults.find((one) => one.name === fault.name);
    return faultCard(fault, planned?.written ?? null, start);
  });
  const lead = `A fault counts as injected only when a held and a fresh connection both saw it, and as
removed only when its absence was proven.`;
  return section('faults', 'Faults', lead, cards.length === 0 ? nothing(noFaultText(input)) : cards);
}
