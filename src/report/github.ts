/**
 * What GitHub Actions shows of a run: annotations, which it reads from the output of a step, and a summary,
 * which it reads from a file.
 */
import { plain } from '../core/plain.ts';
import type { VerdictStatus } from '../core/verdict.ts';
import { answerOf } from './answer.ts';
import { escapeCommand, escapeCommandProperty } from './escape.ts';
import { bytes, fitParts } from './fit-parts.ts';
import { checkRows } from './gate-check-rows.ts';
import { nameOfMetric, ratioText } from './gate-words.ts';
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
  const all = [answer, ...(input.result.gate ? gateFindings(input) : runFindings(input))];
  const shown = all.length > MOST_ANNOTATIONS ? all.slice(0, MOST_ANNOTATIONS - 1) : all;
  const left = all.length - shown.length;
  const rest: Annotation = {
    level: 'notice',
    title: run.campaign,
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

/** A passed metric is not reported; a condition that did not hold is. */
function gateFindings({ result: { gate }, plan }: ReportInput): readonly Annotation[] {
  if (!gate || !plan.gate) return [];
  const order = ['FAIL', 'NO-DATA', 'INCONCLUSIVE', 'PASS'];
  const metrics = gate.metrics
    .filter((one) => one.status !== 'PASS')
    .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
    .map((one): Annotation => {
      const note = one.note === null ? '' : `; ${one.note}`;
      return {
        level: LEVELS[one.status],
        title: `${nameOfMetric(one)}: ${one.status}`,
        text: `${ratioText(one)}${note}`,
      };
    });
  const checks = checkRows(gate, plan.gate)
    .filter((one) => one.isFine === false)
    .map(
      ({ name, seen, means }): Annotation => ({ level: 'warning', title: name, text: `${seen}: ${means}` }),
    );
  return [...metrics, ...checks];
}
