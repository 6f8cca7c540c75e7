/** The runbook after a run, as Markdown: what did not hold, observed against expected, and receipts. */
import type { RunEvent } from '../core/events.ts';
import type { FaultRecord, Receipt } from '../core/result.ts';
import { formatLength, formatMs } from '../core/units.ts';
import { abortText } from './abort.ts';
import { answerOf } from './answer.ts';
import { escapeMarkdown } from './escape.ts';
import { eventText } from './event-text.ts';
import { formatElapsed, formatOffset, formatUtc, formatWithBound, NONE } from './format.ts';
import type { ReportInput } from './input.ts';
import { objectiveTable, recoveryTable } from './markdown.ts';
import { mdTable } from './md-table.ts';
import {
  faultStatusText,
  foundRate,
  podText,
  reasonsWorstFirst,
  runStart,
  sliName,
  splitSlis,
} from './rows.ts';

const md = escapeMarkdown;

/** Ends with one line break. */
export function runbookAfter(input: ReportInput): string {
  const { run, faults } = input.result;
  const lines = [
    `# Game day: ${md(run.campaign)} on ${md(run.target)}`,
    '',
    `**${md(answerOf(input))}**`,
    '',
    `Run ${md(run.id)}, ${formatUtc(run.startedAt)}, seed ${run.seed}. Judged from its folder; nothing below was entered by hand.`,
    ...section('Follow-ups', followUps(input)),
    ...section('Observed against expected', [...objectiveTable(input), '', ...lengthLines(input)]),
    ...(faults.length === 0 ? [] : section('Recovery', recoveryTable(input))),
    ...(faults.length === 0 ? [] : section('Receipts', apart(faults.map((one) => receiptLines(one, input))))),
    ...section('Decisions', decisions(input)),
    ...section('Timeline', timelineLines(input)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  ...['', `## ${title}`, ''],
  ...lines,
];

/** Every reason that is no PASS, then what passed and still deserves a look. */
function followUps({ result, plan }: ReportInput): readonly string[] {
  const open = reasonsWorstFirst(result.verdict.reasons).filter((one) => one.status !== 'PASS');
  const looks = result.faults.flatMap((fault) =>
    splitSlis(fault).degraded.flatMap((row) => {
      const { flaps, status } = row.recovery;
      if (flaps === 0 || status === 'censored') return [];
      const times = flaps === 1 ? 'once' : `${flaps} times`;
      return [`${sliName(row)} was back and bad again ${times} after ${fault.name}`];
    }),
  );
  const { dropped } = result.ledger;
  const more = [
    ...looks,
    ...(dropped === 0 ? [] : [`${dropped} arrivals were dropped: the generator had no free VU for them`]),
    ...(plan.warnings ?? []),
  ];
  if (open.length + more.length === 0)
    return ['None: every limit held, every fault was proven in place and gone.'];
  return [
    ...open.map((one) => `- **${one.status}** ${md(one.text)}`),
    ...more.map((one) => `- To look at: ${md(one)}`),
  ];
}

function lengthLines({ result, plan }: ReportInput): readonly string[] {
  const took = Date.parse(result.run.endedAt) - Date.parse(result.run.startedAt);
  const expected = plan.expectedMs === undefined ? NONE : `about ${formatLength(plan.expectedMs)}`;
  const length = Number.isNaN(took) ? NONE : formatElapsed(took);
  return [
    `Length: expected ${expected}, at most ${formatLength(plan.longestMs)}; observed ${length} from the first event to the last.`,
  ];
}

const apart = (blocks: readonly (readonly string[])[]): readonly string[] =>
  blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));

function receiptLines(fault: FaultRecord, input: ReportInput): readonly string[] {
  const start = runStart(input);
  const row = (what: string, at: number | null, receipt: Receipt | null): readonly string[] => [
    what,
    formatOffset(at, start),
    receipt === null ? NONE : `${formatMs(receipt.boundMs)} earlier at most`,
    md(receipt?.held ?? NONE),
    md(receipt?.fresh ?? NONE),
    md(receipt?.evidence ?? NONE),
  ];
  const lease = fault.lease === null ? NONE : `${formatMs(fault.lease.ttlMs)}, ${fault.lease.holder}`;
  return [
    `### ${md(fault.name)} on ${md(fault.victim)}: ${faultStatusText(fault)}`,
    '',
    ...mdTable(['Proof', 'At', 'True instant', 'Held connection', 'Fresh connection', 'Evidence'], 'lrllll', [
      row('in place', fault.injectedAt, fault.injection),
      row('gone', fault.removedAt, fault.removal),
    ]),
    '',
    `- In place for ${inPlace(fault)}; lease ${md(lease)}`,
    ...(fault.pod === null ? [] : [`- Observed timers: ${md(podText(fault))}`]),
    ...fault.timers.map((one) => `- Expected timer: ${md(one)}`),
  ];
}

const inPlace = ({ injectedAt, removedAt, removal }: FaultRecord): string =>
  injectedAt === null || removedAt === null
    ? NONE
    : formatWithBound(removedAt - injectedAt, removal?.boundMs ?? 0);

/** What the run or a person decided, not what happened. */
function decisions(input: ReportInput): readonly string[] {
  const { result, events } = input;
  const rate = foundRate(input);
  const aborted = abortText(result);
  const said = events.filter((one) => one.kind === 'interrupted' || one.kind === 'abort');
  const start = runStart(input);
  const lines = [
    ...(rate === null ? [] : [`Rate: ${rate}`]),
    ...result.faults.map((one) => `${one.name} was given to ${one.victim || 'nobody'}, drawn when it fired`),
    ...result.faults.flatMap((one) => (one.cutShort ? [`${one.name} ended early: ${one.cutShort}`] : [])),
    ...said.map((one) => `${formatOffset(one.at, start)} ${eventText(one)}`),
    ...(aborted === null ? [] : [aborted]),
  ];
  return lines.length === 0 ? ['None.'] : lines.map((one) => `- ${md(one)}`);
}

/** Measurements of Gauntlet itself are no part of a game day. */
const isTold = ({ kind }: RunEvent): boolean => kind !== 'harness-usage' && kind !== 'fault-done';

/** They stand with the receipts of the fault. */
const withoutTimers = (event: RunEvent): RunEvent =>
  event.kind === 'fault-planned' ? { ...event, timers: [] } : event;

const timelineLines = (input: ReportInput): readonly string[] =>
  mdTable(
    ['At', 'What'],
    'rl',
    input.events
      .filter(isTold)
      .map((one) => [formatOffset(one.at, runStart(input)), md(eventText(withoutTimers(one)))]),
  );
