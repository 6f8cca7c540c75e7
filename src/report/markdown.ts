/**
 * The report as GitHub-flavoured Markdown: for a pull request, a ticket or a chat, with the verdict on top.
 */

import type { HistoryResult } from '../core/gate-history.ts';
import type { Ledger, Quantiles } from '../core/result.ts';
import { formatMs } from '../core/units.ts';
import { answerOf } from './answer.ts';
import { auditMarkdown } from './audit-markdown.ts';
import { AUDIT_TITLE } from './audit-rows.ts';
import { capacityText, repeatText, stepText } from './capacity.ts';
import { cautionsMarkdown } from './cautions-markdown.ts';
import { escapeMarkdown } from './escape.ts';
import { characters, fitParts, type Part } from './fit-parts.ts';
import { SCRIPTS_TITLE, scriptLines } from './foreign-scripts.ts';
import {
  formatCount,
  formatElapsed,
  formatInterval,
  formatOffset,
  formatRate,
  formatRecovery,
  formatSpan,
  formatUtc,
  formatValue,
  NONE,
  shareOf,
} from './format.ts';
import { gateParts } from './gate-markdown.ts';
import { HISTORY_TITLES, historyRows, leftOutText } from './history.ts';
import type { ReportInput } from './input.ts';
import { mdTable } from './md-table.ts';
import { PATHS_TITLE } from './paths.ts';
import { pathsMarkdown } from './paths-markdown.ts';
import { RECORDS_TITLE } from './records.ts';
import { recordsMarkdown } from './records-markdown.ts';
import {
  badOf,
  faultStatusText,
  foundRate,
  ledgerText,
  lossText,
  noFaultText,
  outcomesText,
  ownStallText,
  percentileRows,
  reasonsWorstFirst,
  requestSteps,
  rowStatusText,
  runStart,
  shownSlis,
  sliName,
  splitSlis,
  timelines,
  totalsOf,
  VERDICT_MEANING,
  worstText,
} from './rows.ts';

const md = escapeMarkdown;

function verdict(input: ReportInput): string[] {
  const { run, verdict: said, ledger } = input.result;
  const totals = totalsOf(input);
  const rate = foundRate(input);
  const length = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  return [
    `# ${said.status}: ${md(run.campaign)} on ${md(run.target)}`,
    '',
    VERDICT_MEANING[said.status],
    '',
    ...reasonsWorstFirst(said.reasons).map((reason) => `- **${reason.status}** ${md(reason.text)}`),
    '',
    ...cautionsMarkdown(input),
    [
      `${formatUtc(run.startedAt)}`,
      Number.isNaN(length) ? NONE : `took ${formatElapsed(length)}`,
      `${totals.objectivesMet} of ${totals.objectives} objectives met`,
      `${totals.faultsProven} of ${totals.faults} faults proven injected and removed`,
      `${formatCount(ledger.due)} arrivals due, ${formatCount(ledger.dropped)} dropped`,
      `seed ${run.seed}`,
      `exit code ${said.exitCode}`,
    ].join(' · '),
    ...(rate === null ? [] : ['', `Rate: ${md(rate)}`]),
  ];
}

export function objectiveTable(input: ReportInput): string[] {
  if (input.result.objectives.length === 0) return ['No objective was set.'];
  return mdTable(
    ['Status', 'Objective', 'Observed', '95% interval', 'Limit', 'Samples', 'Source', 'Note'],
    'llrrrrll',
    input.result.objectives.map((one) => [
      `**${one.status}**`,
      md(one.name),
      formatValue(one.observed, one.unit),
      formatInterval(one.interval, one.unit),
      formatValue(one.limit, one.unit),
      formatCount(one.samples),
      md(one.source ?? NONE),
      md(one.note ?? NONE),
    ]),
  );
}

export function recoveryTable(input: ReportInput): string[] {
  const { faults } = input.result;
  if (faults.length === 0) return [noFaultText(input)];
  const rows = faults.flatMap((fault) =>
    shownSlis(fault).map((row) => [
      md(fault.name),
      md(sliName(row)),
      rowStatusText(row),
      formatSpan(row.recovery.onsetMs),
      formatRecovery(row.recovery, 'injected'),
      formatRecovery(row.recovery, 'removed'),
      worstText(row),
      lossText(row.recovery),
    ]),
  );
  const titles = ['Fault', 'SLI', 'Status', 'Onset', 'Since injected', 'Since removed', 'Worst', 'Lost'];
  return [
    ...mdTable(titles, 'lllrrrrr', rows),
    '',
    ...faults.flatMap((fault) => {
      const calm = splitSlis(fault).calm.map(sliName).join(', ');
      const left = ownStallText(fault);
      return [
        ...(left === '' ? [] : [`- ${md(fault.name)}: ${md(left)}`]),
        ...(calm === '' ? [] : [`- ${md(fault.name)}: never degraded: ${md(calm)}`]),
        ...timelines(fault).map((one) => `- ${md(fault.name)}: ${md(one)}`),
      ];
    }),
  ];
}

function capacity(input: ReportInput): string[] {
  return input.result.capacity.flatMap((found) => [
    `${md(capacityText(found))}.`,
    '',
    ...mdTable(
      ['Step', 'Due per second', 'Conditions', 'Seen'],
      'lrll',
      found.steps.map((step) => [
        md(step.phase),
        formatRate(step.rate),
        `**${step.status}**`,
        md(stepText(step)),
      ]),
    ),
  ]);
}

function repeats(input: ReportInput): string[] {
  return mdTable(
    ['Fault', 'SLI', 'Rounds', 'Median (95 % interval)', 'P95, upper bound', 'Worst'],
    'llrrrr',
    input.result.repeats.map((one) => {
      const said = repeatText(one);
      return [said.fault, said.sli, said.rounds, said.median, said.tail, said.worst].map(md);
    }),
  );
}

const quantileCells = (times: Quantiles): string[] =>
  (['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const).map((name) => formatMs(times[name]));

function percentiles(input: ReportInput): string[] {
  const rows = percentileRows(input);
  if (rows.length === 0) return ['No arrival was measured.'];
  const quantiles = ['P50', 'P90', 'P95', 'P99', 'P99.9', 'max'];
  return mdTable(
    ['Flow', 'Phase', 'Count', 'Failed', 'Not good', 'Dropped', 'Rate', ...quantiles],
    'llrrlrrrrrrrr',
    rows.flatMap(({ flow, phase, stats }) => [
      [
        md(flow),
        md(phase),
        formatCount(stats.count),
        shareOf(badOf(stats), stats.due),
        md(outcomesText(stats.outcomes) || NONE),
        formatCount(stats.dropped),
        `${formatRate(stats.attainedRate)} of ${formatRate(stats.dueRate)}`,
        ...quantileCells(stats.responseMs),
      ],
      ...requestSteps(stats).map(([step, own]) => [
        md(flow),
        md(`${phase} › ${step} (service)`),
        formatCount(own.count),
        ...[NONE, NONE, NONE, NONE],
        ...quantileCells(own.serviceMs),
      ]),
    ]),
  );
}

function faults(input: ReportInput): string[] {
  const { faults: records } = input.result;
  if (records.length === 0) return [noFaultText(input)];
  const start = runStart(input);
  return mdTable(
    ['Fault', 'Victim', 'Status', 'Applied', 'Injected', 'Removed', 'Evidence in place', 'Evidence gone'],
    'lllrrrll',
    records.map((fault) => [
      md(fault.name),
      md(fault.victim),
      `**${faultStatusText(fault)}**`,
      formatOffset(fault.appliedAt, start),
      formatOffset(fault.injectedAt, start),
      formatOffset(fault.removedAt, start),
      md(fault.injection?.evidence ?? NONE),
      md(fault.removal?.evidence ?? NONE),
    ]),
  );
}

function ledger(input: ReportInput): string[] {
  const { ledger: all, ledgers } = input.result;
  const rows: (readonly [string, Ledger])[] = [
    ...Object.entries(ledgers).map(([flow, one]) => [md(flow), one] as const),
    ['**all**', all],
  ];
  return [
    ...mdTable(
      ['Flow', 'Due', 'Started', 'Dropped', 'Completed', 'Interrupted', 'Balance'],
      'lrrrrrl',
      rows.map(([name, one]) => [
        name,
        ...[one.due, one.started, one.dropped, one.completed, one.interrupted].map(formatCount),
        one.balanced ? ledgerText(one) : '**not balanced**',
      ]),
    ),
    ...(all.problems.length === 0 ? [] : ['', ...all.problems.map((problem) => `- ${md(problem)}`)]),
  ];
}

function historyLines(history: HistoryResult): string[] {
  const rows = historyRows(history).map(({ name, cells, status, note }) => [
    md(name),
    ...cells.map(md),
    `**${status}**`,
    md(note ?? NONE),
  ]);
  const left = leftOutText(history).map((one) => `- ${md(one)}`);
  return [
    md(history.sentence),
    '',
    ...mdTable(HISTORY_TITLES, 'lrrrrrll', rows),
    ...(left.length === 0 ? [] : ['', ...left]),
  ];
}

const section = (title: string, lines: readonly string[]): Part => ({
  lines: ['', `## ${title}`, '', ...lines],
});

const scriptParts = (input: ReportInput): readonly Part[] =>
  scriptLines(input).map(({ name, lines }) =>
    section(
      `${SCRIPTS_TITLE}: ${md(name)}`,
      lines.map((one) => `- ${md(one)}`),
    ),
  );

/** Most important first, so that a limit of somebody else's cuts what is missed least. */
export function markdownParts(input: ReportInput): readonly Part[] {
  const { run, gate, history, audit, capacity: found, repeats: repeated } = input.result;
  if (gate && input.plan.gate) return gateParts(input, gate, input.plan.gate);
  const versions = Object.entries(run.versions).map(([name, version]) => `${md(name)} ${md(version)}`);
  return [
    ...(history ? [{ lines: [`### ${md(answerOf(input))}`, ''] }] : []),
    { lines: verdict(input) },
    ...(history ? [section('Candidate against earlier runs', historyLines(history))] : []),
    section('Objectives', objectiveTable(input)),
    ...(audit ? [section(AUDIT_TITLE, auditMarkdown(audit))] : []),
    ...(found.length > 0 ? [section('Capacity', capacity(input))] : []),
    section('Recovery', recoveryTable(input)),
    ...(repeated.length > 0 ? [section('Repeated faults', repeats(input))] : []),
    section('Response time by flow and phase', percentiles(input)),
    section('Faults', faults(input)),
    ...(input.result.records ? [section(RECORDS_TITLE, recordsMarkdown(input.result.records))] : []),
    ...(input.result.paths ? [section(PATHS_TITLE, pathsMarkdown(input.result.paths))] : []),
    ...scriptParts(input),
    section('Ledger', ledger(input)),
    section('Environment', [`Run ${md(run.id)}. ${versions.join(', ') || NONE}`]),
  ];
}

/** A comment of GitHub holds no more. */
const MOST_CHARACTERS = 65_536;

/**
 * Of a run everything that a reader of the terminal gets, and the evidence behind it; of a gate what fits
 * into a comment. Ends with one line break.
 */
export function renderMarkdown(input: ReportInput): string {
  const { gate, history } = input.result;
  const limit = gate || history ? MOST_CHARACTERS : Number.POSITIVE_INFINITY;
  return fitParts(markdownParts(input), limit, characters);
}
