/**
 * The verdict for CI servers: one test case per objective, one per fault, one for the run. Whatever is not
 * proven good is a failure or an error, never `skipped`: most servers show skipped as green. Only a gate that
 * cannot know says `skipped`, with what would decide it: that is the third of its answers, with an exit code
 * of its own.
 */

import type { GateMetricResult, GateResult } from '../core/gate.ts';
import type { GateRecovery } from '../core/gate-recovery.ts';
import { insecureText } from '../core/insecure-text.ts';
import { type FaultRecord, type ObjectiveResult, whyNotInjected } from '../core/result.ts';
import type { VerdictStatus } from '../core/verdict.ts';
import { abortText } from './abort.ts';
import { answerOf } from './answer.ts';
import { escapeXml } from './escape.ts';
import { formatInterval, formatRecovery, formatSpan, formatValue } from './format.ts';
import { pairText, recoveryName } from './gate-recovery-words.ts';
import { nameOfMetric, ratioText } from './gate-words.ts';
import { type HistoryRow, historyRows } from './history.ts';
import type { ReportInput } from './input.ts';
import { pathLines, pathNotes } from './paths.ts';
import { recordLines, recordNotes } from './records.ts';
import { reasonsWorstFirst, recoveryStatusText, sliName, sliRows, VERDICT_MEANING } from './rows.ts';

interface Case {
  readonly name: string;
  readonly seconds: number;
  /** `failure`: the system missed a limit. `error`: it could not be measured. */
  readonly problem: {
    readonly element: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
  } | null;
  readonly output: string;
}

function objectiveCase(one: ObjectiveResult): Case {
  const interval = one.interval === null ? '' : `, 95% interval ${formatInterval(one.interval, one.unit)}`;
  const seen = `observed ${formatValue(one.observed, one.unit)}${interval} in ${one.samples} samples`;
  const message = one.note === null ? seen : `${seen}; ${one.note}`;
  const element = one.status === 'NO-DATA' ? 'error' : 'failure';
  return {
    name: one.name,
    seconds: 0,
    problem: one.status === 'PASS' ? null : { element, type: one.status, message },
    output: one.source === null ? message : `${message}\nsource: ${one.source}`,
  };
}

function faultProblem(fault: FaultRecord): Case['problem'] {
  if (fault.status === 'residue') {
    const message = `not proven removed: ${fault.removal?.evidence ?? 'no evidence'}`;
    return { element: 'error', type: 'RESIDUE', message };
  }
  if (fault.status === 'not-injected') {
    const message = `not proven injected: ${fault.injection?.evidence ?? 'no evidence'}`;
    return { element: 'error', type: 'NO-DATA', message };
  }
  const why = whyNotInjected(fault);
  if (why !== null) {
    const message = `its group ${fault.group?.name} counts as not injected: ${why}`;
    return { element: 'error', type: 'NO-DATA', message };
  }
  return fault.removedAt === null
    ? { element: 'error', type: 'RESIDUE', message: 'the run ended before the removal was proven' }
    : null;
}

function faultCase(fault: FaultRecord): Case {
  const recoveries = sliRows(fault).map((row) => {
    const time =
      row.recovery.status === 'never-degraded' ? '' : ` ${formatRecovery(row.recovery, 'injected')}`;
    return `${sliName(row)}: ${recoveryStatusText(row.recovery)}${time}`;
  });
  const held =
    fault.injectedAt === null || fault.removedAt === null ? 0 : (fault.removedAt - fault.injectedAt) / 1000;
  const removal = fault.removal === null ? [] : [`removed: ${fault.removal.evidence}`];
  const injection =
    fault.injection === null
      ? []
      : [`injected: ${fault.injection.evidence} (within ${formatSpan(fault.injection.boundMs)})`];
  return {
    name: fault.name,
    seconds: Math.max(0, held),
    problem: faultProblem(fault),
    output: [`victim: ${fault.victim}`, ...injection, ...removal, ...recoveries].join('\n'),
  };
}

const GATE_ELEMENTS = {
  FAIL: 'failure',
  INCONCLUSIVE: 'skipped',
  'NO-DATA': 'error',
  INVALID: 'error',
  RESIDUE: 'error',
} as const;

const gateProblem = (status: VerdictStatus, message: string): Case['problem'] =>
  status === 'PASS' ? null : { element: GATE_ELEMENTS[status], type: status, message };

function gateCase(metric: GateMetricResult): Case {
  const said = metric.note === null ? ratioText(metric) : `${ratioText(metric)}; ${metric.note}`;
  return { name: nameOfMetric(metric), seconds: 0, problem: gateProblem(metric.status, said), output: said };
}

function historyCase({ name, cells, status, note }: HistoryRow): Case {
  const ratio = cells[2] ?? '';
  const said = note === null ? ratio : `${ratio}; ${note}`;
  return { name, seconds: 0, problem: gateProblem(status, said), output: said };
}

function recoveryCase(recovery: GateRecovery): Case {
  const { status, sentence, byPair } = recovery;
  const output = [sentence, ...byPair.map(pairText)].join('\n');
  return { name: recoveryName(recovery), seconds: 0, problem: gateProblem(status, sentence), output };
}

/** Faults of a gate are told by its recoveries, but for what stayed behind. */
function faultCases({ result, plan }: ReportInput): readonly Case[] {
  const { faults, gate } = result;
  if (gate !== undefined) return faults.filter((one) => one.status === 'residue').map(faultCase);
  // A planned fault that the run did not reach is a case too: CI does not notice a missing case.
  const never = plan.faults.filter((planned) => !faults.some((fault) => fault.name === planned.name));
  return [...faults.map(faultCase), ...never.map((planned) => neverCase(planned.name))];
}

const gateCases = ({ metrics, recoveries = [] }: GateResult): readonly Case[] => [
  ...metrics.map(gateCase),
  ...recoveries.map(recoveryCase),
];

const neverCase = (name: string): Case => ({
  name,
  seconds: 0,
  problem: { element: 'error', type: 'NO-DATA', message: 'the run ended before it' },
  output: '',
});

function verdictCase(input: ReportInput, seconds: number): Case {
  const { verdict } = input.result;
  const aborted = abortText(input.result);
  const open = insecureText(input.plan);
  const reasons = reasonsWorstFirst(verdict.reasons).map((reason) => `${reason.status} ${reason.text}`);
  const element = ['FAIL', 'INCONCLUSIVE'].includes(verdict.status) ? 'failure' : 'error';
  const isGate = input.result.gate !== undefined || input.result.history !== undefined;
  const message = isGate ? answerOf(input) : `${verdict.status}: ${VERDICT_MEANING[verdict.status]}`;
  const problem = isGate
    ? gateProblem(verdict.status, message)
    : ({ element, type: verdict.status, message } as const);
  return {
    name: 'verdict',
    seconds,
    problem: verdict.status === 'PASS' ? null : problem,
    output: [
      ...(isGate ? [message] : []),
      ...reasons,
      ...(open === null ? [] : [`WARNING ${open}`]),
      ...(aborted === null ? [] : [aborted]),
      ...recordOutput(input),
      ...pathOutput(input),
    ].join('\n'),
  };
}

/** What the objectives on records are judged from. */
const recordOutput = ({ result: { records } }: ReportInput): readonly string[] =>
  records === undefined
    ? []
    : [
        ...recordLines(records).map(({ flow, phase, cells: [sent, good, lost, late, duplicated] }) => {
          const found = `${lost} lost, ${late} late, ${duplicated} duplicated`;
          return `records of ${flow} in ${phase}: ${sent} sent, ${good} good, ${found}`;
        }),
        ...recordNotes(records),
      ];

const pathOutput = ({ result: { paths = {} } }: ReportInput): readonly string[] => [
  ...pathLines(paths)
    .filter((one) => one.phase === 'all')
    .map(({ flow, cells: [, , p99, expected, came, lost, stuck, waiting] }) => {
      const found = `${lost} lost, ${stuck} stuck, ${waiting} waiting`;
      return `path ${flow}: ${came} of ${expected} came, p99 ${p99}, ${found}`;
    }),
  ...pathNotes(paths),
];

/** Element content may keep its line breaks; attributes may not. */
const lines = (text: string): string => escapeXml(text).replaceAll('&#10;', '\n');

/** The schema of JUnit knows no type of what was skipped. */
const typeOf = ({ element, type }: NonNullable<Case['problem']>): string =>
  element === 'skipped' ? '' : ` type="${type}"`;

function caseXml(suite: string, one: Case): string {
  const name = `classname="${escapeXml(suite)}" name="${escapeXml(one.name)}"`;
  const head = `<testcase ${name} time="${one.seconds.toFixed(3)}">`;
  const { problem } = one;
  const said =
    problem === null
      ? ''
      : `\n      <${problem.element}${typeOf(problem)} message="${escapeXml(problem.message)}"/>`;
  return `    ${head}${said}\n      <system-out>${lines(one.output)}</system-out>\n    </testcase>`;
}

const counts = (cases: readonly Case[]): string => {
  const of = (element: string): number => cases.filter((one) => one.problem?.element === element).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}"`;
};

/** JUnit XML in the form that Jenkins, GitLab and GitHub read; times in seconds. */
export function renderJunit(input: ReportInput): string {
  const { run, objectives } = input.result;
  const length = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000;
  const seconds = Number.isFinite(length) ? Math.max(0, length) : 0;
  const suites: (readonly [string, readonly Case[]])[] = [
    ['objectives', objectives.map(objectiveCase)],
    ...(input.result.gate ? ([['gate', gateCases(input.result.gate)]] as const) : []),
    ...(input.result.history
      ? ([['gate', historyRows(input.result.history).map(historyCase)]] as const)
      : []),
    ['faults', faultCases(input)],
    ['verdict', [verdictCase(input, seconds)]],
  ];
  const all = suites.flatMap(([, cases]) => cases);
  const stamp = escapeXml(run.startedAt);
  const name = escapeXml(`${run.campaign} on ${run.target}`);
  const xml = suites.map(([suite, cases]) => {
    const time = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
    const when = `time="${time}" timestamp="${stamp}"`;
    const skipped = cases.filter((one) => one.problem?.element === 'skipped').length;
    const head = `  <testsuite name="${suite}" ${counts(cases)} skipped="${skipped}" ${when}>`;
    const label = `${run.campaign}.${suite}`;
    return [head, ...cases.map((one) => caseXml(label, one)), '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" ${counts(all)} time="${seconds.toFixed(3)}">`,
    ...xml,
    '</testsuites>',
    '',
  ].join('\n');
}
