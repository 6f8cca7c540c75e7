/**
 * What a user of the scripted server waits, in closed form, for every arrival that was due. Computed from the script alone:
 * neither k6 nor our code has a part in it.
 */

/** Times in ms since the first request. */
export interface TruthScript {
  readonly baseMs: number;
  /** Grows linearly from 0 to `addMs` over the run. */
  readonly ramp?: { readonly addMs: number; readonly overMs: number };
  /** Every n-th request takes longer. */
  readonly slow?: { readonly every: number; readonly addMs: number };
  /** Every `everyMs` nothing is answered for the last `forMs`. */
  readonly stall?: { readonly everyMs: number; readonly forMs: number };
  readonly freezes?: readonly { readonly atMs: number; readonly forMs: number }[];
  readonly errors?: { readonly fromMs: number; readonly toMs: number };
}

/** @returns the response time in ms of every arrival of a constant rate, sorted. */
export function trueResponses(script: TruthScript, ratePerSecond: number, durationMs: number): number[] {
  const count = Math.floor((ratePerSecond * durationMs) / 1000);
  const times = Array.from({ length: count }, (_, index) =>
    responseAt(script, (index * 1000) / ratePerSecond, index),
  );
  return times.sort((a, b) => a - b);
}

function responseAt(script: TruthScript, at: number, index: number): number {
  const { baseMs, ramp, slow, stall, freezes } = script;
  // A frozen server sees the request when it wakes, and its script counts from there.
  const frozen = freezes?.find((one) => at >= one.atMs && at < one.atMs + one.forMs);
  const asleep = frozen === undefined ? 0 : frozen.atMs + frozen.forMs - at;
  const seen = at + asleep;
  const rampMs = ramp === undefined ? 0 : (ramp.addMs * seen) / ramp.overMs;
  const slowMs = slow !== undefined && index % slow.every === 0 ? slow.addMs : 0;
  const phase = stall === undefined ? 0 : seen % stall.everyMs;
  const stalled = stall !== undefined && phase >= stall.everyMs - stall.forMs ? stall.everyMs - phase : 0;
  const answered = seen + baseMs + rampMs + slowMs + stalled;
  // What would be answered while the server is frozen is answered when it wakes.
  const caught = freezes?.find((one) => answered >= one.atMs && answered < one.atMs + one.forMs);
  return (caught === undefined ? answered : caught.atMs + caught.forMs) - at;
}

/** Nearest rank. */
export const quantileOfSorted = (sorted: readonly number[], quantile: number): number =>
  sorted[Math.max(0, Math.ceil(quantile * sorted.length - 1e-9) - 1)] ?? Number.NaN;
