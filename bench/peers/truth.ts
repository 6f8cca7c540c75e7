/**
 * The latencies of users of a stalling server: arrivals at even intervals, whether or not a tool sent them,
 * with the stalls and the answer times of the server's log. Pure.
 */

/** Times in ms of one clock. */
export interface ServerLog {
  /** The first request. */
  readonly from: number;
  readonly stalls: readonly (readonly [from: number, to: number])[];
  readonly requests: readonly (readonly [receivedAt: number, answeredAt: number])[];
}

export interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Truth extends Latencies {
  /** Number of arrivals that were due during a stall. */
  readonly dueInStalls: number;
  /** Number of requests that the tool sent during stalls. */
  readonly sentInStalls: number;
}

/** @param rate arrivals per second. */
export function truthOf(log: ServerLog, rate: number, seconds: number): Truth {
  const calm = log.requests
    .filter(([from, to]) => !log.stalls.some(([begin, end]) => from < end && to > begin))
    .map(([from, to]) => to - from);
  if (calm.length === 0) throw new Error('the server answered no request outside of its stalls');
  const stallAt = (at: number) => log.stalls.find(([begin, end]) => at >= begin && at < end);
  const dues = Array.from({ length: Math.round(rate * seconds) }, (_, k) => log.from + (k * 1000) / rate);
  const latencies = dues.map((due, k) => {
    const usual = calm[k % calm.length] ?? 0;
    const stall = stallAt(due + usual);
    return stall === undefined ? usual : stall[1] - due;
  });
  return {
    ...latenciesOf(latencies),
    dueInStalls: dues.filter((due) => stallAt(due) !== undefined).length,
    sentInStalls: log.requests.filter(([at]) => stallAt(at) !== undefined).length,
  };
}

/** By nearest rank. */
export function latenciesOf(values: readonly number[]): Latencies {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
