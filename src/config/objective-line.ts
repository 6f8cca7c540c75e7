/**
 * The language of objectives and abort limits: one line, one limit.
 *   web.orders p99 < 500ms in baseline          web.orders service p95 < 200ms in
 * fault:kill-pod
 *   web.orders failed < 1% in baseline          web.orders recovered < 60s after kill-pod
 *   web.orders rate >= 99/s in baseline         web.orders loss < 5s after kill-pod
 *   web.orders capacity >= 120/s in breakpoint  web:sees-cache recovered < 30s after cut-link
 *   web.orders capacity >= 120/s in breakpoint  web ready >= 2 in fault:rolling-restart
 *   slo checkout-p99 in baseline                (the limit as the system declares it)
 *   web.orders p99 < 800ms in fault:kill-pod over 5s      (in every window of 5 s; also failed and
 * rate)
 *   web.orders failed > 50% for 5s              (abort)
 *   web.orders lost = 0                         web.orders late < 1% in fault:kill-pod
 *                                               (records in Kafka; without a phase: over the whole run)
 *   order-flow stuck = 0                        order-flow/orders.done p99 < 2s in baseline
 *                                               (a path of the system, and one of its stages)
 */
import { didYouMean } from '../core/did-you-mean.ts';
import type { AbortCondition, Comparison, Indicator, Objective } from '../core/objective.ts';
import type { System } from '../core/system.ts';
import { durationFrom, type Ms, type Parsed, parseDuration, parseRate, parseRatio } from '../core/units.ts';
import { Reader, type TextProblem } from './word-reader.ts';

export interface KnownNames {
  readonly flows: readonly string[];
  readonly phases: readonly string[];
  readonly faults: readonly string[];
  /** Segments that search for a capacity. */
  readonly searches: readonly string[];
  /** Flows of a closed model; absent: none. */
  readonly closed?: readonly string[];
  /** Questions of the system, `<service>:<ask>`; absent: none. */
  readonly asks?: readonly string[];
  /** Paths of the system and their stages; absent: none. */
  readonly paths?: readonly string[];
  /** Of the system; absent: none. */
  readonly services?: readonly string[];
  readonly slos?: System['slos'];
}

export type TextParsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly TextProblem[] };

const AT_LEAST: readonly Indicator['kind'][] = ['rate', 'capacity', 'ready'];
const INDICATORS =
  'p50, p90, p95, p99, p99.9, failed, rate, capacity, recovered, loss, lost, duplicated, late, stuck, reordered or (of a service) ready';
const LONGEST_WINDOW_MS = 300_000;
const COMPARISONS: readonly string[] = ['<', '<=', '>', '>='];
/** Of counts: `lost = 0` is `lost <= 0`. */
const EQUALS = '=';
const CLOCKS = ['response', 'service', 'lateness'] as const;

export function parseObjective(text: unknown, known: KnownNames): TextParsed<Omit<Objective, 'source'>> {
  const reader = new Reader(text);
  const common = readLimit(reader, known, (indicator) =>
    AT_LEAST.includes(indicator.kind) ? ['>=', '>'] : ['<', '<='],
  );
  const { indicator } = common;
  if (indicator && isOfRecords(indicator) && reader.peek() === '') return overRun(reader, text, common);
  const after = indicator?.kind === 'recovered' || indicator?.kind === 'loss';
  reader.word(after ? 'after' : 'in', `\`${after ? 'after <fault>' : 'in <phase>'}\``);
  const name =
    indicator?.kind === 'capacity'
      ? reader.oneOf(known.searches, 'segment with `while`')
      : reader.oneOf(after ? known.faults : known.phases, after ? 'fault' : 'phase');
  // The smallest number of a phase is one number: it has no windows.
  const isPath = known.paths?.includes(common.flow ?? '') === true;
  const hasWindows =
    !after && !isPath && !(indicator && (indicator.kind === 'ready' || isOfRecords(indicator)));
  const overMs = hasWindows && reader.peek() === 'over' ? readOver(reader) : undefined;
  reader.end();
  if (reader.problems.length > 0 || !indicator || name === undefined) return reader.failed();
  return {
    ok: true,
    value: {
      name: String(text).trim().replace(/\s+/g, ' '),
      flow: common.flow ?? '',
      indicator,
      comparison: common.comparison ?? '<',
      limit: common.limit ?? 0,
      scope: after
        ? { kind: 'after', fault: name }
        : { kind: 'phase', phase: name, ...(overMs !== undefined && { overMs }) },
    },
  };
}

/** Records are counted over the whole run, the time after the last phase included. */
function overRun(
  reader: Reader,
  text: unknown,
  { flow, indicator, comparison, limit }: ReturnType<typeof readLimit>,
): TextParsed<Omit<Objective, 'source'>> {
  if (reader.problems.length > 0 || !indicator || flow === undefined || limit === undefined)
    return reader.failed();
  const name = String(text).trim().replace(/\s+/g, ' ');
  return { ok: true, value: { name, flow, indicator, comparison, limit, scope: { kind: 'run' } } };
}

const isOfPath = ({ kind }: Indicator): boolean => kind === 'stuck' || kind === 'reordered';
const isCount = ({ kind }: Indicator): boolean =>
  kind === 'lost' || kind === 'duplicated' || kind === 'stuck' || kind === 'reordered';
const isOfRecords = (one: Indicator): boolean => isCount(one) || one.kind === 'late';

export function parseAbort(text: unknown, known: KnownNames): TextParsed<AbortCondition> {
  const reader = new Reader(text);
  const common = readLimit(reader, known, () => ['>', '>=']);
  const { indicator } = common;
  if (indicator && !isWatchable(indicator)) {
    const said = indicator.kind === 'quantile' ? indicator.clock : indicator.kind;
    const expected = 'failed or a percentile of the response, the only values watched live';
    reader.problem(common.indicatorColumn, expected, said);
  }
  reader.word('for', '`for <duration>`');
  const forMs = reader.value(parseWindow);
  reader.end();
  const usable = indicator?.kind === 'failed' || indicator?.kind === 'quantile';
  if (reader.problems.length > 0 || !usable || forMs === undefined) return reader.failed();
  return {
    ok: true,
    value: {
      text: String(text).trim().replace(/\s+/g, ' '),
      flow: common.flow ?? '',
      indicator,
      comparison: common.comparison ?? '>',
      limit: common.limit ?? 0,
      forMs,
    },
  };
}

const readOver = (reader: Reader): Ms | undefined => {
  reader.next();
  return reader.value(parseSliding);
};

/** Counts and latencies are kept by the second in which an arrival was due. */
function parseSliding(text: unknown): Parsed<Ms> {
  const parsed = parseDuration(text);
  const fits =
    parsed.ok && parsed.value >= 1000 && parsed.value <= LONGEST_WINDOW_MS && parsed.value % 1000 === 0;
  return fits ? parsed : { ok: false, expected: 'a duration of whole seconds from 1s to 5m, such as 5s' };
}

/** The live window holds response times only. */
const isWatchable = (indicator: Indicator): boolean =>
  indicator.kind === 'failed' || (indicator.kind === 'quantile' && indicator.clock === 'response');

/** From one slice to the length of the live window. */
function parseWindow(text: unknown): Parsed<number> {
  const parsed = parseDuration(text);
  const fits = parsed.ok && parsed.value >= 100 && parsed.value <= LONGEST_WINDOW_MS;
  return fits ? parsed : { ok: false, expected: 'a duration from 100ms to 5m, such as 5s' };
}

/** Without due times the rate that a system was asked for, and what it lost of it, are not known. */
const needsDueTimes = (indicator: Indicator): boolean =>
  indicator.kind === 'capacity' ||
  indicator.kind === 'loss' ||
  (indicator.kind === 'quantile' && indicator.clock === 'lateness');

/** A path has one clock, from when its request was due, and no schedule of its own. */
const fitsPath = (indicator: Indicator): boolean =>
  indicator.kind === 'quantile'
    ? indicator.clock === 'response'
    : isCount(indicator) || indicator.kind === 'failed' || indicator.kind === 'recovered';

/** @param allowed which comparisons make sense: an objective that a failure would meet is a typing error. */
function readLimit(
  reader: Reader,
  known: KnownNames,
  allowed: (indicator: Indicator) => readonly Comparison[],
) {
  const isAsk = reader.peek().includes(':');
  // Instances belong to a service, everything else to a flow or a question.
  const isService = reader.peek(1) === 'ready' && !known.flows.includes(reader.peek());
  const [names, what] = isAsk
    ? [known.asks, 'question']
    : isService
      ? [known.services, 'service']
      : [[...known.flows, ...(known.paths ?? [])], 'flow'];
  const flow = reader.oneOf(names ?? [], what);
  const isPath = !isAsk && !isService && known.paths?.includes(flow ?? '') === true;
  const clock = CLOCKS.find((name) => name === reader.peek()) ?? undefined;
  const indicatorColumn = reader.column();
  if (clock) reader.next();
  const indicator = readIndicator(reader, clock);
  if (indicator && needsDueTimes(indicator) && known.closed?.includes(flow ?? '')) {
    const expected = 'response, service, failed, rate or recovered for a flow of the closed model';
    reader.problem(
      indicatorColumn,
      expected,
      indicator.kind === 'quantile' ? indicator.clock : indicator.kind,
    );
  }
  if (indicator && flow !== undefined && (isPath ? !fitsPath(indicator) : isOfPath(indicator))) {
    const expected = isPath
      ? 'a percentile of the response, failed, recovered, lost, duplicated, stuck or reordered for a path'
      : 'a path of the system before stuck and reordered';
    const said = indicator.kind === 'quantile' ? indicator.clock : indicator.kind;
    reader.problem(indicatorColumn, expected, said);
  }
  if (isAsk && indicator && indicator.kind !== 'recovered') {
    const said = indicator.kind === 'quantile' ? indicator.clock : indicator.kind;
    reader.problem(indicatorColumn, 'recovered, the one value of a question', said);
  }
  const word = reader.next();
  const hasEquals = indicator !== undefined && isCount(indicator);
  const written = hasEquals && word.text === EQUALS ? { ...word, text: '<=' } : word;
  if (!COMPARISONS.includes(written.text))
    reader.problem(written.column, `one of <, <=, >, >=${hasEquals ? ' or =' : ''}`, written.text);
  else if (indicator && !allowed(indicator).includes(written.text as Comparison))
    reader.problem(written.column, `${allowed(indicator).join(' or ')} for this indicator`, written.text);
  const limit = indicator ? reader.value(parserOf(indicator)) : void reader.next();
  return { flow, indicator, indicatorColumn, comparison: written.text as Comparison, limit };
}

function readIndicator(reader: Reader, clock: (typeof CLOCKS)[number] | undefined): Indicator | undefined {
  const { text, column } = reader.next();
  const percentile = /^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(text)?.[1];
  if (percentile !== undefined && Number(percentile) > 0) {
    return {
      kind: 'quantile',
      clock: clock ?? 'response',
      quantile: Number((Number(percentile) / 100).toFixed(6)),
    };
  }
  if (clock) reader.problem(column, `a percentile after ${clock}, such as p99`, text);
  else if (isPlain(text)) return { kind: text };
  else reader.problem(column, INDICATORS, text, didYouMean(text, [...PLAIN, ...CLOCKS]).next);
  return undefined;
}

const PLAIN = [
  ...(['failed', 'rate', 'capacity', 'recovered', 'loss', 'ready'] as const),
  ...(['lost', 'duplicated', 'late', 'stuck', 'reordered'] as const),
];
const isPlain = (text: string): text is (typeof PLAIN)[number] => PLAIN.some((one) => one === text);

function parserOf(indicator: Indicator): (text: unknown) => Parsed<number> {
  switch (indicator.kind) {
    case 'lost':
    case 'duplicated':
    case 'stuck':
    case 'reordered':
      return parseCount;
    case 'failed':
    case 'late':
      return (text) => {
        const parsed = parseRatio(text);
        // No number of samples proves 0 %: the objective could never be met.
        return parsed.ok && parsed.value === 0 ? { ok: false, expected: 'a share above 0%' } : parsed;
      };
    case 'rate':
    case 'capacity':
      return parseRate;
    case 'loss':
      return (text) => {
        const parsed = parseLimit(text);
        return parsed.ok ? { ok: true, value: parsed.value / 1000 } : parsed;
      };
    case 'ready':
      return parseInstances;
    case 'quantile':
    case 'recovered':
      return parseLimit;
  }
}

function parseCount(text: unknown): Parsed<number> {
  const count = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return count === undefined
    ? { ok: false, expected: 'a whole number, such as 0' }
    : { ok: true, value: count };
}

/** No request takes zero time: such an objective could never be met. */
const parseLimit = durationFrom('1us');

/** No phase has fewer than none: such an objective could not be missed. */
const parseInstances = (text: unknown): Parsed<number> =>
  typeof text === 'string' && /^[1-9]\d{0,4}$/.test(text)
    ? { ok: true, value: Number(text) }
    : { ok: false, expected: 'a whole number of instances from 1' };
