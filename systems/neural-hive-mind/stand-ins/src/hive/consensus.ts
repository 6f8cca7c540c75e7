/**
 * plans.ready → five specialists → plans.consensus. The decision is queued in memory and the offset is
 * committed before it is published, so a crash loses queued decisions. Ten consecutive failures stop the
 * consumer for good while /health stays 200. Both are behaviour of the contract
 * (docs/systems/neural-hive-mind.md, "Hive").
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import { reportProblem } from '../program.ts';
import { PLANS_CONSENSUS, PLANS_READY } from '../topics.ts';
import type { CognitivePlan } from './cognitive-plan.ts';
import type { HiveConfig } from './config.ts';
import { type ConsolidatedDecision, decide, FEWEST_OPINIONS } from './decision.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { type IncomingRecord, RecordConsumer } from './record-consumer.ts';
import type { SpecialistClients } from './specialist-clients.ts';

const DEDUP_MS = 24 * 3_600_000;
const LAST_FAILURE = 10;
const LONGEST_BACK_OFF_MS = 60_000;
const MOST_DECISIONS = 1000;

export class Consensus {
  readonly consumer: RecordConsumer;
  readonly #specialists: SpecialistClients;
  readonly #producer: IdempotentProducer;
  readonly #deliveryTimeoutMs: number;
  /** plan_id → time of its decision. */
  readonly #decided = new Map<string, number>();
  /** The last ones, by their id and that of their plan; the real one has all of them in MongoDB. */
  readonly #decisions: ConsolidatedDecision[] = [];
  #publishing: Promise<void> = Promise.resolve();
  #failuresInARow = 0;

  constructor(
    config: HiveConfig,
    clients: KafkaClients,
    parts: { readonly specialists: SpecialistClients; readonly producer: IdempotentProducer },
  ) {
    this.#specialists = parts.specialists;
    this.#producer = parts.producer;
    this.#deliveryTimeoutMs = config.kafka.deliveryTimeoutMs;
    this.consumer = new RecordConsumer({
      clients,
      groupId: 'consensus-engine',
      topics: [PLANS_READY],
      sessionTimeoutMs: config.kafka.sessionTimeoutMs,
      paceMs: 0,
      handle: (record) => this.#consider(record),
    });
  }

  /** Resolves when all queued decisions are published. */
  drained(): Promise<void> {
    return this.#publishing;
  }

  /** @param id of the decision, or of its plan. */
  decision(id: string): ConsolidatedDecision | undefined {
    return this.#decisions.find((one) => one.decision_id === id || one.plan_id === id);
  }

  async #consider(record: IncomingRecord): Promise<'committed' | 'skipped'> {
    const began = performance.now();
    const plan = JSON.parse(record.value.toString('utf8')) as CognitivePlan;
    this.#forget(began);
    if (this.#decided.has(plan.plan_id)) return 'committed';
    const votes = await this.#specialists.opinionsOn(plan);
    if (votes.length < FEWEST_OPINIONS) {
      await this.#failed(plan, votes.length);
      return 'skipped';
    }
    this.#failuresInARow = 0;
    this.#decided.set(plan.plan_id, began);
    const decision = decide(plan, votes, { nowMs: Date.now(), tookMs: performance.now() - began });
    if (this.#decisions.push(decision) > MOST_DECISIONS) this.#decisions.shift();
    this.#enqueue(decision);
    return 'committed';
  }

  async #failed(plan: CognitivePlan, opinions: number): Promise<void> {
    this.#failuresInARow += 1;
    const why = `${opinions} opinions, ${FEWEST_OPINIONS} needed; failure ${this.#failuresInARow} in a row`;
    reportProblem(`consensus: no decision on plan ${plan.plan_id}`, why);
    if (this.#failuresInARow >= LAST_FAILURE) {
      reportProblem('consensus: reading ends for good', why);
      // Not awaited: the consumer waits for this very record before it stops.
      void this.consumer.stop();
      return;
    }
    await sleep(Math.min(LONGEST_BACK_OFF_MS, 1000 * 2 ** (this.#failuresInARow - 1)));
  }

  #enqueue(decision: ConsolidatedDecision): void {
    this.#publishing = this.#publishing
      .then(() => this.#publish(decision))
      .catch((error: unknown) => reportProblem(`consensus: decision ${decision.decision_id} is lost`, error));
  }

  async #publish(decision: ConsolidatedDecision): Promise<void> {
    const headers = {
      'decision-id': decision.decision_id,
      'plan-id': decision.plan_id,
      'intent-id': decision.intent_id,
      'correlation-id': decision.correlation_id ?? '',
      'final-decision': decision.final_decision,
    };
    const value = Buffer.from(JSON.stringify(decision));
    await this.#producer.publish([{ topic: PLANS_CONSENSUS, key: decision.plan_id, value, headers }], {
      gzip: false,
      untilMs: performance.now() + this.#deliveryTimeoutMs,
    });
  }

  /** Entries are in the order of time, so the oldest come first. */
  #forget(now: number): void {
    for (const [planId, at] of this.#decided) {
      if (now - at < DEDUP_MS) return;
      this.#decided.delete(planId);
    }
  }
}
