/**
 * What the counters of links show about an effect: bytes and connections that a cut holds back, connections
 * that were reset or rejected, chunks that were held as long as a throttle predicts. The links of one fault
 * are counted together.
 */
import type { LinkDirection, LinkEffect } from '../../../core/acts/link-acts.ts';
import { type EpochMs, formatMs, type Ms, ms } from '../../../core/units.ts';
import type { Evidence } from '../../fault.ts';
import type { Snapshot } from '../../observation.ts';
import { goesOn, onBothKinds } from './held-connections.ts';
import { type Finding, type Tally, tally } from './link-tally.ts';
import { countPoliced } from './policed-counts.ts';
import { SHARE } from './slow-proof.ts';

/** How long nothing may cross a cut: bytes in transit have arrived by then. */
const STILL_MS = 300;
/** One held chunk could be caused by a receiver with a full socket. */
const FEWEST_CHUNKS = 3;
/** The proxy's timers have whole milliseconds: a smaller delay cannot be measured. */
const SMALLEST_MS = 1;

type Cut = Extract<LinkEffect, { kind: 'cut' }>;
type Throttle = Extract<LinkEffect, { kind: 'throttle' }>;

const notYet = (text: string): Finding => ({ kind: 'not-yet', text });

/** Pure; the evidence must hold snapshots of `links`. */
export function countEffect(names: readonly string[], effect: LinkEffect, evidence: Evidence): Finding {
  const seen = (snapshots: readonly Snapshot[]) => snapshots.flatMap((snapshot) => tally(names, snapshot));
  const tallies = { before: seen(evidence.snapshotsBefore), since: seen(evidence.snapshots) };
  const failed = evidence.snapshots.at(-1)?.failed;
  if (tallies.since.length === 0 || tallies.before.length === 0) {
    return { kind: 'not-yet', text: `the links cannot be read${failed === undefined ? '' : `: ${failed}`}` };
  }
  const name = names.length > 3 ? `${names[0]} and ${names.length - 1} more links` : names.join(', ');
  if (effect.kind === 'cut') return countStuck(effect, name, tallies, evidence.appliedAt);
  if (effect.kind === 'reset') return countResets(name, tallies, evidence.appliedAt);
  if (effect.kind === 'reject') return countRejected(name, tallies, evidence.appliedAt);
  const police = effect.bitsPerSecond !== undefined && tallies.since.every(isPoliced);
  if (police) return countPoliced(effect.bitsPerSecond, name, tallies.since, evidence.appliedAt);
  return countHeld(effect, name, tallies, evidence.appliedAt);
}

/** A carrier that drops above a rate holds nothing, and reports the dropped packets. */
const isPoliced = (one: Tally): boolean => one.toServer.droppedPackets !== undefined;

interface LinkTallies {
  readonly before: readonly Tally[];
  readonly since: readonly Tally[];
}

const SIDES: Readonly<Record<LinkDirection, 'toServer' | 'toClient'>> = {
  'to-server': 'toServer',
  'to-client': 'toClient',
};

/** Bytes or connections wait that did not wait before, and nothing crosses. */
function countStuck(effect: Cut, name: string, { before, since }: LinkTallies, appliedAt: EpochMs): Finding {
  const directions: readonly LinkDirection[] = effect.direction
    ? [effect.direction]
    : ['to-server', 'to-client'];
  const stuck = (one: Tally): number =>
    directions.reduce((sum, direction) => sum + one[SIDES[direction]].stuckBytes, 0);
  const waiting = (one: Tally): number => (directions.includes('to-server') ? one.waiting : 0);
  const moved = (a: Tally, b: Tally): number =>
    directions.reduce((sum, direction) => sum + b[SIDES[direction]].bytes - a[SIDES[direction]].bytes, 0);
  const usual = before.at(-1);
  const last = since.at(-1);
  if (usual === undefined || last === undefined) return notYet(`${name} is not watched yet`);
  if (stuck(usual) + waiting(usual) > 0) {
    return notYet(`${name} was cut before the fault: its effect cannot be distinguished from that`);
  }
  const from = since.findIndex((one) => moved(one, last) === 0);
  const quiet = since[from] ?? last;
  if (last.at - quiet.at < STILL_MS) {
    // Snapshots may be further apart than that: then compares with the previous one.
    const first = since.slice(0, -1).find((one) => last.at - one.at <= STILL_MS) ?? since.at(-2) ?? last;
    const text = `${moved(first, last)} bytes crossed ${name} in the last ${formatMs(last.at - first.at)}`;
    return notYet(text);
  }
  const shown = since.findIndex((one, index) => index >= from && stuck(one) + waiting(one) > 0);
  const hit = since[shown];
  if (hit === undefined) {
    const text = `nothing was sent into ${name} since the act: an unused or bypassed link shows no cut`;
    return notYet(text);
  }
  const going = last.held && goesOn(name, last.held);
  if (going) return notYet(going);
  const dropped = directions.reduce((sum, one) => sum + (last[SIDES[one]].droppedPackets ?? 0), 0);
  const what = [
    ...(dropped > 0 ? [`${several(dropped, 'packet')} (${stuck(last)} bytes) dropped`] : []),
    ...(dropped === 0 && stuck(last) > 0 ? [`${stuck(last)} bytes`] : []),
    ...(waiting(last) > 0 ? [several(waiting(last), 'new connection')] : []),
  ];
  const held = what.length === 0 ? 'what was sent' : what.join(' and ');
  const state = dropped === 0 ? ' held back' : waiting(last) > 0 ? ' waiting' : '';
  const where = effect.direction === undefined ? name : `${name} ${effect.direction}`;
  const still = `nothing crossed for ${formatMs(last.at - quiet.at)}`;
  const onset = { at: hit.at, boundMs: gapBefore(since, shown, appliedAt) };
  if (last.held)
    return onBothKinds(where, { at: last.at, waiting: waiting(last), held: last.held }, onset, still);
  return { kind: 'seen', ...onset, text: `${where}: ${held}${state}, and ${still}` };
}

export const several = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** The gap to the previous snapshot, or to the act. */
const gapBefore = (since: readonly Tally[], index: number, appliedAt: EpochMs): Ms =>
  ms((since[index]?.at ?? appliedAt) - (since[index - 1]?.at ?? appliedAt));

function countResets(name: string, { before, since }: LinkTallies, appliedAt: EpochMs): Finding {
  const usual = before.at(-1)?.resets ?? 0;
  const shown = since.findIndex((one) => one.resets > usual && one.connections === 0);
  const hit = since[shown];
  if (hit === undefined) {
    const text = `no connection of ${name} was reset since the act: an unused or bypassed link shows none`;
    return notYet(text);
  }
  const text = `${name}: ${several(hit.resets - usual, 'connection')} reset, none is open`;
  return { kind: 'seen', at: hit.at, boundMs: gapBefore(since, shown, appliedAt), text };
}

/** New connections were rejected, and those that are open still carry answers: no new one can carry any. */
function countRejected(name: string, { before, since }: LinkTallies, appliedAt: EpochMs): Finding {
  const usual = before.at(-1)?.rejected ?? 0;
  const shown = since.findIndex((one) => one.rejected > usual);
  const [hit, last] = [since[shown], since.at(-1)];
  if (hit === undefined || last === undefined) {
    const text = `no new connection came to ${name} since the act: an unused or bypassed link rejects none`;
    return notYet(text);
  }
  const rejected = `${several(last.rejected - usual, 'new connection')} rejected`;
  const carried = last.toClient.bytes - hit.toClient.bytes;
  if (last.connections > 0 && carried === 0) {
    const open = `what was open (${several(last.connections, 'connection')}) carried no answer since`;
    return notYet(`${name}: ${rejected}, but ${open}: whether it continues cannot be determined`);
  }
  const open =
    last.connections === 0
      ? 'no other is open'
      : `what was open (${several(last.connections, 'connection')}) carried ${carried} bytes of answers since`;
  return {
    kind: 'seen',
    at: hit.at,
    boundMs: gapBefore(since, shown, appliedAt),
    text: `${name}: ${rejected}, ${open}`,
  };
}

/**
 * Chunks that were forwarded since the act were held as long as the effect predicts for that many chunks and
 * bytes.
 */
function countHeld(
  effect: Throttle,
  name: string,
  { before, since }: LinkTallies,
  appliedAt: EpochMs,
): Finding {
  const [first, last] = [since[0], since.at(-1)];
  const usual = perChunk(before[0], before.at(-1));
  if (first === undefined || last === undefined) return notYet(`${name} is not watched yet`);
  const chunks = chunksBetween(first, last);
  if (chunks < FEWEST_CHUNKS) {
    const text = `${chunks} chunks crossed ${name} since the act: an unused or bypassed link shows no slowdown`;
    return notYet(text);
  }
  const wantMs = predictedBetween(effect, first, last) / chunks;
  if (wantMs < SMALLEST_MS) {
    return notYet(
      `${name}: predicted ${formatMs(wantMs)} for each chunk, too little to be distinguished from noise`,
    );
  }
  const heldMs = (heldBetween(first, last) - usual * chunks) / chunks;
  const numbers = `held ${formatMs(heldMs)} each on average over ${chunks} chunks, predicted ${formatMs(wantMs)}`;
  if (heldMs < SHARE * wantMs) return notYet(`${name}: ${numbers}`);
  const shown = since.findIndex((one) => chunksBetween(first, one) > 0);
  const at = since[shown]?.at ?? last.at;
  return {
    kind: 'seen',
    at,
    boundMs: gapBefore(since, shown, appliedAt),
    text: `${name} slowed: ${numbers}`,
  };
}

const chunksBetween = (a: Tally, b: Tally): number =>
  b.toServer.chunks - a.toServer.chunks + b.toClient.chunks - a.toClient.chunks;
const heldBetween = (a: Tally, b: Tally): number =>
  b.toServer.heldMs - a.toServer.heldMs + b.toClient.heldMs - a.toClient.heldMs;

function perChunk(a: Tally | undefined, b: Tally | undefined): number {
  if (a === undefined || b === undefined) return 0;
  const chunks = chunksBetween(a, b);
  return chunks === 0 ? 0 : heldBetween(a, b) / chunks;
}

/** Each chunk waits for its own bytes to leave, and for the latency in the direction of the server. */
function predictedBetween(effect: Throttle, a: Tally, b: Tally): number {
  const bytes = b.toServer.bytes - a.toServer.bytes + b.toClient.bytes - a.toClient.bytes;
  const transfer = effect.bitsPerSecond === undefined ? 0 : (bytes * 8 * 1000) / effect.bitsPerSecond;
  return transfer + (b.toServer.chunks - a.toServer.chunks) * (effect.latencyMs ?? 0);
}
