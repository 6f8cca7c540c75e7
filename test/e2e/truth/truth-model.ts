/**
 * What a user of the scripted server waits, in closed form, for every arrival that was due. Computed from the script alone:
 * neither k6 nor our code has a part in it.
 */

/** Times in ms since the first request. */
export interface TruthScript {
  /** Of all requests, per second. */
  readonly rate: number;
  readonly baseMs: number;
  /** What gathered during a stall or a freeze is answered one by one, this far apart. */
  readonly paceMs: number;
  /** Grows linearly from 0 to `addMs` over the run. */
  readonly ramp?: { readonly addMs: number; readonly overMs: number };
  /** Every n-th request takes longer. */
  readonly slow?: { readonly every: number; readonly addMs: number };
  /** Every `everyMs` nothing is answered for the last `forMs`. */
  readonly stall?: { readonly everyMs: number; readonly forMs: number };
  readonly freezes?: readonly { readonly atMs: number; readonly forMs: number }[];
  readonly errors?: { readonly fromMs: number; readonly toMs: number };
}

/** @returns the response time in ms of every arrival of a constant rate that is due in `[fromMs, toMs)`, sorted. */
export function trueResponses(script: TruthScript, fromMs: number, toMs: number): number[] {
  const times: number[] = [];
  const periodMs = 1000 / script.rate;
  for (let index = Math.ceil(fromMs / periodMs); index * periodMs < toMs; index += 1) {
    times.push(responseAt(script, index * periodMs, index));
  }
  return times.sort((a, b) => a - b);
}

function responseAt(script: TruthScript, at: number, index: number): number {
  const { rate, baseMs, paceMs, ramp, slow, stall, freezes } = script;
  const turnAfter = (sinceMs: number): number => Math.floor((sinceMs * rate) / 1000) * paceMs;
  // A frozen server sees the request when it wakes, and its script counts from there.
  const frozen = freezes?.find((one) => at >= one.atMs && at < one.atMs + one.forMs);
  const asleep = frozen === undefined ? 0 : frozen.atMs + frozen.forMs - at + turnAfter(at - frozen.atMs);
  const phase = stall === undefined ? 0 : at % stall.everyMs;
  const begins = stall === undefined ? 0 : stall.everyMs - stall.forMs;
  const stalled =
    stall !== undefined && phase >= begins ? stall.everyMs - phase + turnAfter(phase - begins) : 0;
  const rampMs = ramp === undefined ? 0 : (ramp.addMs * at) / ramp.overMs;
  const slowMs = slow !== undefined && index % slow.every === 0 ? slow.addMs : 0;
  return asleep + stalled + baseMs + rampMs + slowMs;
}

/** Nearest rank. */
export const quantileOfSorted = (sorted: readonly number[], quantile: number): number =>
  sorted[Math.max(0, Math.ceil(quantile * sorted.length - 1e-9) - 1)] ?? Number.NaN;
