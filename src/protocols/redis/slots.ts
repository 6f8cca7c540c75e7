/** The slots of a Redis Cluster: which master serves which, and a key in one of them. */
import type { Address } from '../../core/address.ts';
import { formatAddress } from '../../core/address.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import type { RespValue } from './resp-reader.ts';

export const SLOTS = 16_384;

export type SlotRange = readonly [first: number, last: number];

export interface ClusterMaster {
  /** Of the node, in its Cluster. */
  readonly id: string;
  readonly address: Address;
  readonly ranges: readonly SlotRange[];
}

/** A Cluster as one of its nodes sees it. */
export interface ClusterView {
  /** In the order of their slots. */
  readonly masters: readonly ClusterMaster[];
  /** How many slots no master serves. */
  readonly unserved: number;
}

/**
 * The answer to CLUSTER SLOTS, which every version of a Cluster gives.
 * @param asked where the node was reached: one that does not know its own address means this.
 */
export function readSlots(answer: RespValue, asked: Address): ClusterView {
  const masters = new Map<string, { readonly address: Address; readonly ranges: SlotRange[] }>();
  const served = new Set<number>();
  for (const range of listIn(answer)) {
    const [first, last, master] = listIn(range);
    const [host, port, id] = listIn(master);
    if (!isSlot(first) || !isSlot(last) || typeof port !== 'number' || typeof id !== 'string')
      throw notAnAnswer('Redis');
    const known = typeof host === 'string' && host !== '' && host !== '?' ? host : asked.host;
    const one = masters.get(id) ?? { address: { host: known, port }, ranges: [] };
    one.ranges.push([first, last]);
    masters.set(id, one);
    for (let slot = first; slot <= last; slot += 1) served.add(slot);
  }
  const sorted = [...masters]
    .map(([id, { address, ranges }]) => ({ id, address, ranges: ranges.sort(([a], [b]) => a - b) }))
    .sort(({ ranges: [a] }, { ranges: [b] }) => (a?.[0] ?? 0) - (b?.[0] ?? 0));
  return { masters: sorted, unserved: SLOTS - served.size };
}

const listIn = (value: RespValue | undefined): readonly RespValue[] => {
  if (!Array.isArray(value)) throw notAnAnswer('Redis');
  return value as readonly RespValue[];
};

const isSlot = (value: RespValue | undefined): value is number =>
  typeof value === 'number' && value >= 0 && value < SLOTS;

export const sayRanges = (ranges: readonly SlotRange[]): string =>
  ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');

export const sayMaster = ({ address, ranges }: ClusterMaster): string =>
  `${formatAddress(address)} (slots ${sayRanges(ranges)})`;

/** How many slots these ranges have, each counted once. */
export function slotsIn(ranges: readonly SlotRange[]): number {
  let [count, next] = [0, 0];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    count += Math.max(0, last + 1 - Math.max(first, next));
    next = Math.max(next, last + 1);
  }
  return count;
}

/** Whether both say the same of every slot. */
export const isSameView = (a: ClusterView, b: ClusterView): boolean =>
  a.unserved === b.unserved && sayView(a) === sayView(b);

const sayView = ({ masters }: ClusterView): string =>
  masters.map((one) => `${one.id} ${sayMaster(one)}`).join('; ');

/** CRC16 as a Cluster uses it: polynomial 0x1021, beginning with 0. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc % SLOTS;
}

const tags = new Map<number, string>();
let nextTag = 0;

/** `gauntlet:probe:{17}`: what is in braces decides its slot. @param ranges at least one slot. */
export function keyIn(ranges: readonly SlotRange[], name: string): string {
  const wanted = ranges[0]?.[0] ?? 0;
  const isWanted = (slot: number): boolean => ranges.some(([first, last]) => slot >= first && slot <= last);
  for (const [slot, tag] of tags) if (isWanted(slot)) return `${name}:{${tag}}`;
  // Each number has a slot as if drawn: all of them together have every slot.
  while (!tags.has(wanted)) {
    const tag = String(nextTag);
    nextTag += 1;
    const slot = slotOf(tag);
    if (!tags.has(slot)) tags.set(slot, tag);
    if (isWanted(slot)) return `${name}:{${tag}}`;
  }
  return `${name}:{${tags.get(wanted)}}`;
}
