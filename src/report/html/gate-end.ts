/**
 * What the answer of a gate rests on: its checks, levels and sides, how to repeat it, what it cannot know.
 */
import { flowOn, type GatePlan, type GateResult, type GateSide } from '../../core/gate.ts';
import { formatCount, formatRatio, NONE } from '../format.ts';
import { checkRows } from '../gate-check-rows.ts';
import { limitsOf, repeatCommand } from '../gate-words.ts';
import type { ReportInput } from '../input.ts';
import { badge, num, numCell, section, statusBadge, table } from './parts.ts';
import { html, type Markup } from './tag.ts';

export function checksSection(gate: GateResult, plan: GatePlan): Markup {
  const rows = checkRows(gate, plan).map(
    ({ name, seen, means, isFine }) => html`<tr><th scope="row">${name}</th>
<td>${isFine === null ? badge('not seen', 'soft') : isFine ? badge('fine', 'good') : badge('look', 'warn')}</td>
<td class="g-seen">${seen}</td><td class="evidence">${means}</td></tr>`,
  );
  const heads = [{ title: 'Check' }, { title: '' }, { title: 'Seen' }, { title: 'Means' }];
  const lead = 'Did the conditions of the comparison hold? Intervals are of 90 %. No check decides.';
  return section('checks', 'Checks', lead, table('Checks of the gate', heads, html`<tbody>${rows}</tbody>`));
}

/** Four digits: the shipped table has no more that matter. */
const level = (value: number): string => value.toPrecision(3);

export function looksSection(gate: GateResult, plan: GatePlan): Markup {
  const { judged, kept } = gate.pairs;
  const rows = gate.looks.map((look) => {
    const said =
      look.pairs > kept
        ? badge('not reached', 'soft')
        : look.pairs < judged
          ? badge('undecided', 'soft')
          : look.pairs === judged
            ? statusBadge(gate.status)
            : badge('not needed', 'soft');
    return html`<tr>${numCell(look.pairs)}${numCell(level(look.failLevel))}${numCell(level(look.passLevel))}<td>${said}</td></tr>`;
  });
  const heads = [
    num('Pairs'),
    num('Level to fail', 'One-sided, of each metric'),
    num('Level to pass', 'One-sided; every metric must pass'),
    { title: 'Said' },
  ];
  const lead = `All looks together err in at most ${Number((plan.alpha * 100).toFixed(2))} % of gates. Early looks get almost nothing of that, the last
look almost all (Lan and DeMets, O'Brien and Fleming's shape). To fail, it is divided by the ${gate.metrics.length} metrics.`;
  return section(
    'looks',
    'Levels and looks',
    lead,
    table('Looks of the gate', heads, html`<tbody>${rows}</tbody>`),
  );
}

export function sidesSection({ result }: ReportInput, plan: GatePlan): Markup {
  const { ledgers, gate } = result;
  const replicas = gate?.evidence?.replicas;
  const flows = [...new Set(plan.metrics.map((one) => one.flow))];
  const names = [
    ...new Set([
      ...Object.keys(plan.addresses?.baseline ?? {}),
      ...Object.keys(plan.addresses?.candidate ?? {}),
    ]),
  ];
  const row = (name: string, of: (side: GateSide) => string): Markup =>
    html`<tr><th scope="row">${name}</th><td class="g-seen">${of('baseline')}</td><td class="g-seen">${of('candidate')}</td></tr>`;
  const rows = [
    row('Target', (side) => plan[side]),
    ...names.map((name) => row(name, (side) => plan.addresses?.[side][name] ?? NONE)),
    ...[...new Set(Object.values(replicas ?? {}).flatMap((one) => Object.keys(one)))].map((service) =>
      row(`Instances of ${service}`, (side) => formatCount(replicas?.[side][service] ?? null)),
    ),
    ...flows.map((flow) =>
      row(`Arrivals of ${flow}`, (side) => {
        const ledger = ledgers[flowOn(flow, side)];
        if (ledger === undefined || ledger.due === 0) return NONE;
        const unanswered = ledger.dropped + ledger.interrupted;
        return `${formatCount(ledger.due)} due, ${formatRatio(unanswered / ledger.due)} never answered`;
      }),
    ),
  ];
  const heads = [{ title: '' }, { title: 'Baseline' }, { title: 'Candidate' }];
  const lead = `Blocks of ${plan.blockMs / 1000} s after ${plan.settleMs / 1000} s of settling, both sides warmed together for ${
    plan.leadMs / 1000
  } s. The n-th arrival of each side has the same payload.`;
  return section(
    'sides',
    'Both sides',
    lead,
    table('Targets of both sides', heads, html`<tbody>${rows}</tbody>`),
  );
}

export function repeatSection({ result: { run } }: ReportInput, plan: GatePlan): Markup {
  const lead = `This repeats the order of blocks and the payloads; the noise is another. Where the campaign or a target is a file,
give its path.`;
  const body = html`<pre class="g-command" tabindex="0">${repeatCommand(run, plan)}</pre>
<h3>What this gate cannot know</h3>
<ul class="g-limits">${limitsOf(plan).map((one) => html`<li>${one}</li>`)}</ul>`;
  return section('repeat', 'Repeat it', lead, body);
}
