/**
 * Reads the state of each Kafka while the run breaks something: every half second, one reading after the
 * other. A reading that fails is one without an answer, and never ends the run.
 */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { KAFKA_READING_MS, type KafkaReading } from '../../core/kafka-state.ts';
import type { Plan } from '../../core/plan.ts';
import { kafkasOf, speaking, type Topology } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import { KafkaState, type KafkaStateOptions } from '../../targets/kafka-state/kafka-state.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { openGuardedFile } from './recorder.ts';

export interface KafkaWatchOptions {
  readonly plan: Pick<Plan, 'faults' | 'gate' | 'records'>;
  /** At the addresses of probes. */
  readonly topology: Topology;
  readonly runDir: string;
  readonly clock: Clock;
  onBroken(error: unknown): void;
}

/** @returns a function that ends the readings; undefined: there is nothing to read. */
export function watchKafka(options: KafkaWatchOptions): (() => Promise<void>) | undefined {
  const { plan, topology, runDir, clock } = options;
  const brokers = kafkasOf(topology);
  const watched = speaking(topology, 'kafka').flatMap(
    ({ name, endpoint: { topics = [], consumers = [] } }) =>
      topics.length === 0 ? [] : [new KafkaLoop(stateOf(name, { topics, groups: consumers }), name)],
  );
  function stateOf(service: string, asked: Pick<KafkaStateOptions, 'topics' | 'groups'>): KafkaState {
    const written = plan.records?.service === service ? plan.records.topics.map((one) => one.name) : [];
    return new KafkaState({ service, brokers: brokers[service] ?? [], ...asked, written });
  }
  if (plan.gate !== undefined || plan.faults.length === 0 || watched.length === 0) return undefined;
  const file = openGuardedFile(join(runDir, RUN_FILES.kafka), (error) => options.onBroken(error));
  for (const one of watched) one.start(clock, (reading) => file.record(reading));
  return async () => {
    await Promise.all(watched.map((one) => one.end()));
    file.close();
  };
}

class KafkaLoop {
  readonly #state: KafkaState;
  readonly #service: string;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(state: KafkaState, service: string) {
    this.#state = state;
    this.#service = service;
  }

  start(clock: Clock, note: (reading: KafkaReading) => void): void {
    this.#running = this.#run(clock, note);
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#state.close();
  }

  async #run(clock: Clock, note: (reading: KafkaReading) => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const at = clock.now();
      const read = await this.#state.read();
      const tookMs = clock.now() - at;
      note({ service: this.#service, at, tookMs, ...read });
      await clock.sleep(ms(Math.max(0, KAFKA_READING_MS - tookMs)), signal).catch(() => undefined);
    }
  }
}
