/**
 * Runs the pairs of a gate: both sides are warmed together, then their blocks alternate as the plan drew it.
 * Each block is written when it has settled; after each pair it is asked whether more of them can change the
 * answer. What counts is judged from disk.
 */
import { DECIDED_PHASE, type GatePlan, pairPhase } from '../../core/gate.ts';
import { type EpochMs, epochMs, ms } from '../../core/units.ts';
import { type BlockPlace, blockPlaces } from '../../measure/gate/block-at.ts';
import { isDecided } from '../../measure/gate/judge-gate.ts';
import { noiseWords } from '../gate/noise-words.ts';
import type { BlockRecorder } from './block-recorder.ts';
import type { OpenRun } from './open-run.ts';
import { replicasOf } from './replicas.ts';

export async function followGate(run: OpenRun, gate: GatePlan, recorder: BlockRecorder): Promise<void> {
  const firstSeen = run.clock.now();
  const slotMs = gate.settleMs + gate.blockMs;
  const over = new AbortController();
  const stopped = AbortSignal.any([run.stopped, over.signal]);
  // The start of the schedule is fixed some seconds after the first arrivals; until then their sighting
  // stands in for it.
  const dueAt = (sinceStartMs: number): EpochMs =>
    epochMs((run.load.scheduleStart() ?? firstSeen) + sinceStartMs);
  const until = async (sinceStartMs: number): Promise<void> =>
    await run.clock.sleep(ms(Math.max(0, dueAt(sinceStartMs) - run.clock.now())), stopped);
  run.report({ kind: 'phase', name: 'warmup' });
  await until(gate.leadMs);
  const judge = new Judge(run, gate, recorder);
  for (let pair = 1; pair <= gate.order.length; pair += 1) {
    const from = gate.leadMs + (pair - 1) * 2 * slotMs;
    run.report({ kind: 'phase', name: pairPhase(pair) });
    const blocks = async (): Promise<void> => {
      for (const slot of [1, 2] as const) {
        await until(from + slot * slotMs);
        judge.over(blockPlaces(gate, pair, dueAt(from))[slot - 1] as BlockPlace);
      }
    };
    // Judged while the next pair already runs: its samples come some seconds late.
    await Promise.race([blocks(), judge.decided]);
    if (judge.isDecided) break;
  }
  over.abort();
  run.report({ kind: 'phase', name: DECIDED_PHASE });
  await judge.settled();
}

/** Settles the blocks one after another, and asks after each pair. */
class Judge {
  /** Resolves when more pairs can change nothing; never rejects. */
  readonly decided: Promise<void>;
  readonly #run: OpenRun;
  readonly #gate: GatePlan;
  readonly #recorder: BlockRecorder;
  #work: Promise<void> = Promise.resolve();
  #isDecided = false;
  #decide: () => void = () => undefined;

  constructor(run: OpenRun, gate: GatePlan, recorder: BlockRecorder) {
    this.#run = run;
    this.#gate = gate;
    this.#recorder = recorder;
    this.decided = new Promise((resolve) => {
      this.#decide = resolve;
    });
  }

  get isDecided(): boolean {
    return this.#isDecided;
  }

  over(place: BlockPlace): void {
    this.#recorder.over(place);
    const side = this.#run.sides?.[place.side];
    const replicas = side === undefined ? undefined : replicasOf(side);
    this.#work = this.#work.then(async () => {
      if (this.#isDecided) return;
      await this.#run.settled(place.to);
      const seen = await replicas;
      this.#run.stopped.throwIfAborted();
      this.#recorder.settled(place, seen);
      if (place.slot === 2) this.#ask(place.pair);
    });
    // Told by whoever waits for it; until then it is nobody's.
    this.#work.catch(() => undefined);
  }

  /** @throws when a block could not settle because the run was stopped. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #ask(pair: number): void {
    const { blocks } = this.#recorder;
    this.#isDecided = isDecided(blocks, this.#gate);
    const end = this.#isDecided ? ': decided' : '';
    this.#run.report({ kind: 'step', text: `pair ${pair} of at most ${this.#gate.order.length}${end}` });
    const noise = this.#isDecided ? null : noiseWords(blocks, this.#gate);
    if (noise !== null) this.#run.report({ kind: 'step', text: noise });
    if (!this.#isDecided) return;
    this.#recorder.decided();
    this.#decide();
  }
}
