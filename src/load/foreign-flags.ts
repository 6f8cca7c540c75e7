/**
 * What a reader of a foreign script's numbers should know: found in its options and imports, refused never.
 */
import { CLOSED_MODEL, type ReadFlow } from '../core/foreign-script.ts';
import { formatMs } from '../core/units.ts';

export interface FlagFacts {
  /** As the script wrote them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What `k6 deps` lists. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly flows: readonly ReadFlow[];
}

export function flagsOf({ options, imports, exports, flows }: FlagFacts): readonly string[] {
  const isSet = (key: string): boolean => Boolean(options[key]);
  const closed = flows.filter((one) => one.model === 'closed').map((one) => one.executor);
  const remote = imports.filter((one) => /^https?:/.test(one));
  const late = flows.filter((one) => (one.own?.startMs ?? 0) > 0);
  return [
    ...(closed.length > 0 ? [`${closed.join(', ')}: ${CLOSED_MODEL}`] : []),
    ...flows.flatMap(fewVus),
    ...late.map((one) => `${one.executor} starts ${formatMs(one.own?.startMs)} after the others (startTime)`),
    ...(isSet('rps') ? ['rps limits the requests: the generator delays itself'] : []),
    ...(isSet('minIterationDuration')
      ? ['minIterationDuration keeps VUs busy after their answers: the generator delays itself']
      : []),
    ...(isSet('noConnectionReuse') || isSet('noVUConnectionReuse')
      ? ['connections are not reused: connecting is part of the service times']
      : []),
    ...(isSet('insecureSkipTLSVerify') ? ['insecureSkipTLSVerify: certificates are not checked'] : []),
    ...(isSet('hosts') ? ['hosts: names of hosts are replaced by addresses of the script'] : []),
    ...(isSet('paused') ? ['paused is overridden: the run starts at once'] : []),
    ...(hasAbort(options['thresholds'])
      ? ['abortOnFail of a threshold is off: only `abort` of the campaign ends a run early']
      : []),
    ...(exports.includes('handleSummary') ? ['handleSummary is not called: it could write files'] : []),
    ...remote.map((one) => `${one} is fetched at each start and may change`),
  ];
}

/** One VU does one iteration at a time: with few of them an arrival waits for none, and is dropped. */
function fewVus({ executor, own, vus }: ReadFlow): readonly string[] {
  if (own?.arrivals === undefined) return [];
  const { unitMs, startRate, targets } = own.arrivals;
  const peak = (Math.max(startRate, ...targets) * 1000) / unitMs;
  if (peak <= 0) return [];
  const covers = formatMs((vus / peak) * 1000);
  return [
    `${executor}: ${vus} VUs are enough for iterations of up to ${covers}; beyond it arrivals are dropped`,
  ];
}

function hasAbort(thresholds: unknown): boolean {
  const all = Object.values((thresholds ?? {}) as Record<string, unknown>).flat();
  return all.some(
    (one) =>
      typeof one === 'object' && one !== null && Boolean((one as { abortOnFail?: unknown }).abortOnFail),
  );
}
