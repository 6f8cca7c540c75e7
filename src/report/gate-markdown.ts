/**
 * A gate as Markdown for a pull request: the answer in the first line, a row a metric, and the rest folded.
 */
import { type GatePlan, type GateResult, quantityName } from '../core/gate.ts';
import type { GateRecovery } from '../core/gate-recovery.ts';
import { answerOf } from './answer.ts';
import { escapeMarkdown } from './escape.ts';
import type { Part } from './fit-parts.ts';
import { formatCount, formatElapsed, formatUtc, NONE } from './format.ts';
import { checkRows } from './gate-check-rows.ts';
import { aaSentence, noiseTable } from './gate-noise.ts';
import { droppedTexts, recoveryRow } from './gate-recovery-words.ts';
import {
  detectableText,
  limitsOf,
  neededText,
  ratioText,
  repeatCommand,
  ruleText,
  sidesOf,
  sideText,
} from './gate-words.ts';
import type { ReportInput } from './input.ts';
import { mdTable } from './md-table.ts';
import { ledgerText, reasonsWorstFirst } from './rows.ts';

/** Longer sentences (of a target, of a name) say no more. */
const MOST_CHARACTERS = 1000;
const md = (text: string): string => escapeMarkdown(clip(text));
const clip = (text: string): string =>
  text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    : text;

export function gateParts(input: ReportInput, gate: GateResult, plan: GatePlan): readonly Part[] {
  return [
    { lines: headOf(input, gate) },
    { lines: metricsOf(gate) },
    ...noiseOf(gate, plan),
    ...(gate.recoveries ? [{ lines: recoveriesOf(gate.recoveries) }] : []),
    folded('How it was measured', measuredOf(input, gate, plan)),
    folded('Checks', [
      ...mdTable(
        ['Check', 'Seen', 'Means'],
        'lrl',
        checkRows(gate, plan).map((one) => [
          md(one.name),
          md(one.seen),
          `${one.isFine === false ? '**!** ' : ''}${md(one.means)}`,
        ]),
      ),
      ...(gate.dropped.length === 0 ? [] : ['']),
      ...gate.dropped.map((one) => `- pair ${one.pair} dropped: ${md(one.why)}`),
      ...droppedTexts(gate.recoveries ?? []).map((one) => `- ${md(one)}`),
    ]),
    folded(
      'Limits',
      limitsOf(plan).map((one) => `- ${md(one)}`),
    ),
    { lines: [markerOf(input)] },
  ];
}

function noiseOf({ aa }: GateResult, plan: GatePlan): readonly Part[] {
  if (aa === undefined) return [];
  const { titles, rows } = noiseTable(aa, plan);
  const cells = rows.map((row) => row.map(md));
  return [
    { lines: ['', md(aaSentence(aa)), '', ...(rows.length === 0 ? [] : mdTable(titles, 'lrrrr', cells))] },
  ];
}

const folded = (title: string, lines: readonly string[]): Part => ({
  lines: ['', `<details><summary>${title}</summary>`, '', ...lines],
  end: ['', '</details>'],
});

function headOf(input: ReportInput, gate: GateResult): readonly string[] {
  const { verdict } = input.result;
  const said = answerOf(input);
  const others = reasonsWorstFirst(verdict.reasons).filter(
    (one) => one.status !== 'PASS' && one.text !== gate.sentence && !said.includes(one.text),
  );
  return [
    `### ${md(said)}`,
    ...(others.length === 0 ? [] : ['', ...others.map((one) => `- **${one.status}** ${md(one.text)}`)]),
    '',
  ];
}

function metricsOf(gate: GateResult): readonly string[] {
  const rows = gate.metrics.map((one, index) => {
    const { baseline, candidate } = sidesOf(gate, index);
    return [
      md(one.flow),
      quantityName(one.quantity),
      sideText(one.quantity, baseline),
      sideText(one.quantity, candidate),
      ratioText(one),
      String(gate.pairs.judged),
      `**${one.status}**${one.note === null ? '' : ` ${md(one.note)}`}`,
    ];
  });
  const titles = ['Flow', 'Metric', 'Baseline', 'Candidate', 'Ratio (interval)', 'Pairs', 'Answer'];
  return mdTable(titles, 'llrrrrl', rows);
}

function recoveriesOf(recoveries: readonly GateRecovery[]): readonly string[] {
  const rows = recoveries.map((one) => {
    const { baseline, candidate, ratio, pairs, status, note } = recoveryRow(one);
    const said = `**${status}**${note === '' ? '' : ` ${md(note)}`}`;
    return [md(one.flow), md(one.fault), baseline, candidate, ratio, pairs, said];
  });
  const titles = ['Flow', 'Recovery after', 'Baseline', 'Candidate', 'Ratio (interval)', 'Pairs', 'Answer'];
  return ['', ...mdTable(titles, 'llrrrrl', rows)];
}

function measuredOf(input: ReportInput, gate: GateResult, plan: GatePlan): readonly string[] {
  const { run, ledger, verdict } = input.result;
  const { pairs, looks, metrics } = gate;
  const versions = Object.entries(run.versions).map(([name, version]) => `${md(name)} ${md(version)}`);
  const took = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const size = metrics
    .filter((one) => one.sdPair !== null)
    .map(
      (one) =>
        `${md(one.flow)} ${quantityName(one.quantity)}: sd ${one.sdPair?.toFixed(3)}, can find ${detectableText(one)}, needs ${neededText(one)} pairs`,
    );
  return [
    `- ${md(plan.candidate)} against ${md(plan.baseline)}, campaign ${md(run.campaign)}, ${formatUtc(run.startedAt)}, took ${Number.isNaN(took) ? NONE : formatElapsed(took)}`,
    `- ${md(ruleText(plan))}`,
    `- pairs: ${pairs.run} run, ${pairs.kept} kept, ${pairs.judged} judged; looks at ${looks.map((one) => one.pairs).join(', ')}`,
    `- blocks of ${plan.blockMs / 1000} s after ${plan.settleMs / 1000} s of settling; order ${plan.order.slice(0, pairs.run).join(' ') || NONE}`,
    ...size.map((one) => `- ${one}`),
    `- arrivals: ${formatCount(ledger.due)} due, ${formatCount(ledger.started)} started, ${formatCount(ledger.dropped)} dropped; ledger ${ledgerText(ledger)}`,
    `- run ${md(run.id)}, seed ${run.seed}, exit code ${verdict.exitCode}; ${versions.join(', ') || NONE}`,
    '',
    ...fenced(repeatCommand(run, plan)),
  ];
}

/** The fence is longer than any run of backticks inside. */
function fenced(text: string): readonly string[] {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((one) => one[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}sh`, clip(text), fence];
}

/** By which a later comment of the same gate finds this one, to replace it. */
const markerOf = ({ result: { run } }: ReportInput): string =>
  `<!-- gauntlet:gate:${encodeURIComponent(clip(run.campaign)).replaceAll('-', '%2D')} -->`;
