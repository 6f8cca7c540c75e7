/**
 * Three Kafka brokers of the fake platform, modelled pair by pair: a follower that its leader cannot reach
 * leaves the in-sync set, a leader that reaches no broker is replaced, and a returning broker catches up.
 */
import type { KafkaPartition } from '../../src/core/acts/kafka-acts.ts';

export const BROKERS = [1, 2, 3];

const ISR_GROW_MS = 300;
const PAIRS = [
  [1, 2],
  [1, 3],
  [2, 3],
] as const;

interface Silence {
  since: number | undefined;
  growAt: number | undefined;
}

export class FakeKafka {
  partitions: KafkaPartition[] = BROKERS.map((leader) => ({
    topic: 'orders.new',
    partition: leader - 1,
    leader,
    replicas: BROKERS,
    isr: BROKERS,
  }));
  controller = 2;
  /** From silence until Kafka drops a broker; its own default is 30 s. */
  shrinkMs = 1500;
  readonly #silences = PAIRS.map((): Silence => ({ since: undefined, growAt: undefined }));

  /** @param isApart true when these two cannot reach each other now. */
  step(at: number, isApart: (a: number, b: number) => boolean): void {
    PAIRS.forEach(([a, b], index) => {
      const silence = this.#silences[index];
      if (silence === undefined) return;
      if (isApart(a, b)) {
        silence.since ??= at;
        silence.growAt = undefined;
      } else if (silence.since !== undefined) {
        silence.since = undefined;
        silence.growAt = at + ISR_GROW_MS;
      }
    });
    for (const broker of BROKERS) if (this.#isAlone(broker, at)) this.#replace(broker);
    PAIRS.forEach(([a, b], index) => {
      const silence = this.#silences[index];
      if (silence?.since !== undefined && at - silence.since >= this.shrinkMs) this.#part(a, b);
      if (silence?.growAt === undefined || silence.growAt > at) return;
      silence.growAt = undefined;
      this.#join(a, b);
    });
  }

  #isAlone(broker: number, at: number): boolean {
    return PAIRS.every((pair, index) => {
      const since = this.#silences[index]?.since;
      const isOurs = pair.some((one) => one === broker);
      return !isOurs || (since !== undefined && at - since >= this.shrinkMs);
    });
  }

  #replace(broker: number): void {
    this.partitions = this.partitions.map((one) => {
      const isr = one.isr.filter((id) => id !== broker);
      return { ...one, isr, leader: one.leader === broker ? (isr[0] ?? -1) : one.leader };
    });
    if (this.controller === broker) this.controller = BROKERS.find((id) => id !== broker) ?? -1;
  }

  #part(a: number, b: number): void {
    this.partitions = this.partitions.map((one) => {
      const lost = one.leader === a ? b : one.leader === b ? a : undefined;
      return lost === undefined ? one : { ...one, isr: one.isr.filter((id) => id !== lost) };
    });
  }

  #join(a: number, b: number): void {
    this.partitions = this.partitions.map((one) => {
      const back = one.leader === a ? b : one.leader === b ? a : undefined;
      if (back === undefined) return one;
      return { ...one, isr: BROKERS.filter((id) => id === back || one.isr.includes(id)) };
    });
  }
}
