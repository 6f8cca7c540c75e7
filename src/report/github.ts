/**
 * What GitHub Actions shows of a run: annotations, which it reads from the output of a step, and a summary,
 * which it reads from a file.
 */
import type { HistoryResult } from '../core/gate-history.ts';
import { plain } from '../core/plain.ts';
import type { VerdictStatus } from '../core/verdict.ts';
import { answerOf } from './answer.ts';
import { escapeCommand, escapeCommandProperty } from './escape.ts';
import { bytes, characters, fitParts } from './fit-parts.ts';
import { checkRows } from './gate-check-rows.ts';
import { recoveryRow } from './gate-recovery-words.ts';
import { nameOfMetric, ratioText } from './gate-words.ts';
import { historyRows } from './history.ts';
import type { ReportInput } from './input.ts';
import { markdownParts } from './markdown.ts';
import { reasonsWorstFirst } from './rows.ts';

/** Above this GitHub drops the whole summary of a step, with an error. */
export const SUMMARY_BYTES = 1024 * 1024;
/** GitHub shows this many per step and silently drops the others. */
const MOST_ANNOTATIONS = 10;
const MOST_CHARACTERS = 1000;

/** @param room in bytes: what other programs have already written into this step's file counts as well. */
export const githubSummary = (input: ReportInput, room = SUMMARY_BYTES): string =>
  fitParts(markdownParts(input), room, bytes);

/** GitHub refuses a longer comment. */
const COMMENT_CHARACTERS = 65_536;

/**
 * The body of a comment on a pull request. Its first line is hidden: by it the comment is found again and
 * replaced, one for each campaign and target.
 */
export function githubComment(input: ReportInput): string {
  const { campaign, target } = input.result.run;
  const mark = `<!-- gauntlet:${markText(campaign)}:${markText(target)} -->\n`;
  return mark + fitParts(markdownParts(input), COMMENT_CHARACTERS - mark.length, characters);
}

/** Two dashes would end the mark; a colon parts its names. */
const markText = (name: string): string =>
  encodeURIComponent(name.replace(/\p{Cs}/gu, '\uFFFD'))
    .replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', ' ')
    .replaceAll('--', '-%2D');

interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly text: string;
}

const LEVELS: Readonly<Record<VerdictStatus, Annotation['level']>> = {
  RESIDUE: 'error',
  INVALID: 'error',
  'NO-DATA': 'error',
  FAIL: 'error',
  INCONCLUSIVE: 'warning',
  PASS: 'notice',
};

/** One workflow command a line: the answer first, then the worst findings; at most ten. */
export function githubAnnotations(input: ReportInput): string {
  const { run, verdict } = input.result;
  const answer: Annotation = {
    level: LEVELS[verdict.status],
    title: `${run.campaign} on ${run.target}`,
    text: answerOf(input),
  };
  const { gate, history } = input.result;
  return atMostTen(
    [answer, ...(gate ? gateFindings(input) : history ? historyFindings(history) : runFindings(input))],
    run.campaign,
  );
}

function atMostTen(all: readonly Annotation[], title: string): string {
  const shown = all.length > MOST_ANNOTATIONS ? all.slice(0, MOST_ANNOTATIONS - 1) : all;
  const left = all.length - shown.length;
  const rest: Annotation = {
    level: 'notice',
    title,
    text: `${left} more findings are in the summary`,
  };
  return [...shown, ...(left > 0 ? [rest] : [])].map(commandOf).join('\n');
}

function commandOf({ level, title, text }: Annotation): string {
  const clip = (long: string): string => plain([...long].slice(0, MOST_CHARACTERS).join(''));
  return `::${level} title=${escapeCommandProperty(clip(title))}::${escapeCommand(clip(text))}`;
}

function runFindings({ result: { verdict } }: ReportInput): readonly Annotation[] {
  const open = reasonsWorstFirst(verdict.reasons).filter((one) => one.status !== 'PASS');
  // A single reason is the answer itself.
  if (open.length < 2) return [];
  return open.map(({ status, text }) => ({ level: LEVELS[status], title: status, text }));
}

interface Finding {
  readonly name: string;
  readonly status: VerdictStatus;
  readonly ratio: string;
  /** Null or empty: nothing more is to be said. */
  readonly note: string | null;
}

/** What passed is no news. */
const openOf = (findings: readonly Finding[]): readonly Annotation[] =>
  reasonsWorstFirst(findings.filter((one) => one.status !== 'PASS')).map(({ name, status, ratio, note }) => ({
    level: LEVELS[status],
    title: `${name}: ${status}`,
    text: note === null || note === '' ? ratio : `${ratio}; ${note}`,
  }));

/** Of a candidate against earlier runs. */
const historyFindings = (history: HistoryResult): readonly Annotation[] =>
  openOf(historyRows(history).map((one) => ({ ...one, ratio: one.cells[2] ?? '' })));

/** A condition that did not hold is news too. */
function gateFindings({ result: { gate }, plan }: ReportInput): readonly Annotation[] {
  if (!gate || !plan.gate) return [];
  const metrics = gate.metrics.map((one) => ({ ...one, name: nameOfMetric(one), ratio: ratioText(one) }));
  const checks = checkRows(gate, plan.gate)
    .filter((one) => one.isFine === false)
    .map(
      ({ name, seen, means }): Annotation => ({ level: 'warning', title: name, text: `${seen}: ${means}` }),
    );
  return [...openOf([...metrics, ...(gate.recoveries ?? []).map(recoveryRow)]), ...checks];
}
