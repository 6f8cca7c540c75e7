/** The sections that only some runs have: the capacity search, and the combined result of repeated rounds. */
import { capacityText, repeatText, stepText, toneOfStep } from '../capacity.ts';
import { formatRate } from '../format.ts';
import type { ReportInput } from '../input.ts';
import { badge, num, numCell, section, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function capacitySection(input: ReportInput): Markup | null {
  const { capacity } = input.result;
  if (capacity.length === 0) return null;
  const heads = [{ title: 'Step' }, num('Due per second'), { title: 'Conditions' }, { title: 'Seen' }];
  const parts = capacity.map(
    (found) => html`<p><strong>${capacityText(found)}.</strong></p>
${table(
  `Steps of ${found.segment}`,
  heads,
  html`<tbody>${found.steps.map(
    (step) =>
      html`<tr><th scope="row">${step.phase}</th>${numCell(formatRate(step.rate))}<td>${badge(
        step.status,
        toneOfStep(step),
      )}</td><td>${stepText(step)}</td></tr>`,
  )}</tbody>`,
)}`,
  );
  const lead = `The highest step up to which every condition held with its whole confidence interval, and the
lowest that missed one for certain. The range between them is unknown.`;
  return section('capacity', 'Capacity', lead, parts);
}

export function repeatsSection(input: ReportInput): Markup | null {
  const { repeats } = input.result;
  if (repeats.length === 0) return null;
  const heads = [
    { title: 'Fault' },
    { title: 'SLI' },
    num('Rounds'),
    num('Median (95 % interval)', 'Order statistics: distribution-free'),
    num('P95, upper bound', 'One-sided 95 % bound'),
    num('Worst'),
  ];
  const rows = repeats.map((one) => {
    const said = repeatText(one);
    const cells = [said.rounds, said.median, said.tail, said.worst].map((text) => numCell(text));
    return html`<tr><th scope="row">${said.fault}</th><td>${said.sli}</td>${cells}</tr>`;
  });
  const lead = 'Recovery since injection over all rounds of a fault. Too few rounds give no number.';
  const body = table('Recovery over the rounds', heads, html`<tbody>${rows}</tbody>`);
  return section('repeats', 'Repeated faults', lead, body);
}
