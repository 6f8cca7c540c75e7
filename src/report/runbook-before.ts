/** The runbook before a run, as Markdown: facts first, then how to begin and end it, then each fault. */

import { plain } from '../core/plain.ts';
import type { Fact, FactStatus, PartUse, Runbook, RunbookFault } from '../core/runbook.ts';
import { formatMs } from '../core/units.ts';
import { escapeMarkdown } from './escape.ts';
import { formatUtc, NONE } from './format.ts';

const md = escapeMarkdown;

/** Ends with one line break. */
export function runbookBefore(book: Runbook): string {
  const { plan, platform, madeAt, facts, faults } = book;
  const lines = [
    `# Runbook: ${md(plan.campaign)} on ${md(plan.target)}`,
    '',
    `**${readiness(facts)}**`,
    '',
    `Made ${formatUtc(madeAt)} from the plan (platform ${platform}, seed ${plan.seed}). Nothing was touched. The run checks every fact again.`,
    ...section('Facts', factLines(book)),
    ...section('Begin, end, undo', commandLines(book)),
    ...section('Load and phases', planLines(book)),
    ...section('Abort limits', abortLines(book)),
    ...section('Steady state', steadyLines(book)),
    ...(faults.length === 0 ? section('Faults', ['No fault is planned.']) : faults.flatMap(faultLines)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  ...['', `## ${title}`, ''],
  ...lines,
];

/** Whether the run would begin, as far as it is known. */
export const isReady = ({ facts }: Pick<Runbook, 'facts'>): boolean =>
  facts.every((one) => one.status !== 'missing');

export function readiness(facts: readonly Fact[]): string {
  const count = (status: FactStatus): number => facts.filter((one) => one.status === status).length;
  const [ok, missing, open] = [count('ok'), count('missing'), count('not-checked')];
  const said = `${ok} of ${facts.length} facts hold`;
  const later = open === 0 ? '' : `, ${open} can be checked only when it runs`;
  return missing === 0 ? `Ready: ${said}${later}` : `NOT READY: ${missing} missing, ${said}${later}`;
}

const ORDER: readonly FactStatus[] = ['missing', 'not-checked', 'ok'];
const MARK: Readonly<Record<FactStatus, string>> = {
  ok: '- [x]',
  missing: '- [ ] MISSING:',
  'not-checked': '- [ ] NOT CHECKED:',
};

function factLines({ facts, approvedBy }: Runbook): readonly string[] {
  const sorted = [...facts].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const approved =
    approvedBy.length === 0
      ? 'Approvals: none was named (--approved-by).'
      : `Approved by ${approvedBy.map(md).join(', ')}, as named with --approved-by. Gauntlet cannot check that.`;
  return [
    'Each box was ticked by Gauntlet when this page was made.',
    '',
    ...sorted.map((one) => `${MARK[one.status]} **${md(one.subject)}**: ${md(one.detail)}`),
    '',
    approved,
  ];
}

/** A code block: nothing in it is Markdown, and no line of it can end the block. */
function fence(lines: readonly string[]): readonly string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  const mark = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [`${mark}sh`, ...lines, mark];
}

/** A word for a shell. */
const word = (given: string): string => quoted(plain(given));

const quoted = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function commandLines({ campaign, target, plan, platform, leaseMs }: Runbook): readonly string[] {
  const at = `--target ${word(target)}`;
  const isCluster = platform === 'kubernetes';
  const scale = plan.scale === 1 ? '' : ` --scale ${plan.scale}`;
  return [
    ...fence([
      `gauntlet run ${word(campaign)} ${at} --seed ${plan.seed}${scale}   # begin`,
      `gauntlet recover${isCluster ? ` ${at}` : ''}   # undo what a dead run left${isCluster ? ', from any machine' : ', on the machine that ran it'}`,
    ]),
    '',
    '- To end it early: Ctrl-C once in its terminal, or SIGINT to its process. It undoes every fault, judges what it has, and exits with 130.',
    `- If Gauntlet itself dies: the lease keeper, a process of its own, undoes within ${formatMs(leaseMs)} and the time of the undo; a fault that its platform holds is ended there when it is not renewed for ${formatMs(leaseMs)}.`,
    '- Exit 5 (RESIDUE) means that a removal was not proven: run `gauntlet recover` before anything else.',
  ];
}

const planLines = ({ load, timeline, length, plan }: Runbook): readonly string[] => [
  ...[...load, ...timeline].map((line) => `- ${md(line)}`),
  ...(plan.faults.length === 0
    ? []
    : [
        `- ${plan.repeat === 1 ? '' : `${plan.repeat} rounds, with a new draw each. `}After each step the watch waits until every service level ` +
          `has been back for ${formatMs(plan.recovery.holdMs)}, at most ${formatMs(plan.recovery.timeoutMs)}.`,
      ]),
  `- ${md(length)}`,
  ...(plan.warnings ?? []).map((one) => `- WARNING: ${md(one)}`),
];

const abortLines = ({ plan }: Runbook): readonly string[] =>
  plan.abort.length === 0
    ? ['None: only Ctrl-C, a lost load, a lost lease or a lost lock ends it early.']
    : [
        'The run undoes everything and ends as FAIL when:',
        '',
        ...plan.abort.map((one) => `- ${md(one.text)}`),
      ];

/** Objectives that belong to no fault: what has to hold before one begins. */
function steadyLines({ plan, faults }: Runbook): readonly string[] {
  const ofFaults = new Set(faults.flatMap((one) => one.hypotheses.map((each) => each.objective)));
  const steady = plan.objectives.filter((one) => !ofFaults.has(one.name));
  if (steady.length === 0) return ['No objective is judged outside of faults.'];
  return steady.map(({ name, source }) => objectiveLine(name, source));
}

const objectiveLine = (name: string, source: string | null): string =>
  `- ${md(name)}${source === null ? ' (no source is named)' : ` (source: ${md(source)})`}`;

function faultLines(fault: RunbookFault): readonly string[] {
  const { name, summary, hypotheses, limits, group } = fault;
  return [
    ...['', `## Fault ${md(name)}`, ''],
    md(summary),
    ...(group === null ? [] : ['', `Part of ${md(group.name)} (${group.how}).`]),
    ...['', '**Hypothesis**', ''],
    ...(hypotheses.length === 0
      ? ['- No objective judges it. What is not back when the watch ends makes the run INCONCLUSIVE.']
      : hypotheses.map((one) => objectiveLine(one.objective, one.source))),
    ...['', '**Blast radius**', ''],
    ...radiusLines(fault),
    ...['', '**Course**', ''],
    ...courseLines(fault),
    ...(limits === null ? [] : [`- Note: ${md(limits)}`]),
  ];
}

function radiusLines({ victim, written, touches, uses }: RunbookFault): readonly string[] {
  const drawn = touches.length === 0 ? 'not known before the target is up' : `one of ${touches.join(', ')}`;
  return [
    `- Parameters: ${md(written)}`,
    `- Victim: ${md(victim === null ? drawn : `${victim} now`)}; it is chosen again when the fault fires.`,
    `- Touches: ${md(touches.join(', ') || 'nothing that is known yet')}`,
    ...uses.map((one) => `- ${useText(one)}`),
  ];
}

function useText({ part, callers, spared }: PartUse): string {
  const hit =
    callers.length === 0 ? 'no service that Gauntlet knows uses it' : `used by ${callers.join(', ')}`;
  const rest = spared.length === 0 ? '' : `; not touched on the way from ${spared.join(', ')}`;
  return md(`${part}: ${hit}${rest}`);
}

const courseLines = ({ holdMs, proof, undone, timers }: RunbookFault): readonly string[] => [
  `- Counts as injected when: ${md(proof)}`,
  `- Held: ${holdMs === null ? 'over when it is done' : formatMs(holdMs)}`,
  `- Undo: ${md(undone)}`,
  ...(timers.length === 0
    ? [`- Expected timers: ${NONE} (known when the target is up)`]
    : timers.map((one) => `- Expected timer: ${md(one)}`)),
];
