/** Probes with answers from the fake platform's state: every 100 ms on each connection, deadline 400 ms. */
import type { ProbeFeed, ProbeSample } from '../../src/core/samples.ts';
import type { EpochMs } from '../../src/core/units.ts';
import type { FakePlatform } from './fake-platform.ts';

const INTERVAL_MS = 100;
const DEADLINE_MS = 400;
const USUAL_MS = 1;
const PAYLOAD_BITS = 8 * 1024;

export class FakeProbes implements ProbeFeed {
  readonly #target: FakePlatform;
  readonly #samples: ProbeSample[] = [];
  readonly #watched = new Set<string>();
  readonly #broken = new Set<string>();
  /** The instance at the other end of a probe's held connection. */
  readonly #heldPid = new Map<string, number | undefined>();
  /** When the held connection to Redis was made, counted in kills. */
  readonly #heldGeneration = new Map<string, number>();

  constructor(target: FakePlatform) {
    this.#target = target;
    target.onStep((at) => {
      if (at % INTERVAL_MS !== 0) return;
      for (const probe of this.#watched) {
        this.#samples.push(this.#ask(probe, 'held', at), this.#ask(probe, 'fresh', at));
      }
    });
  }

  async watch(probes: readonly string[]): Promise<void> {
    this.#target.catchUp();
    for (const probe of probes) this.#watched.add(probe);
  }

  since(probe: string, connection: 'held' | 'fresh', at: EpochMs): readonly ProbeSample[] {
    this.#target.catchUp();
    const now = this.#target.clock.now();
    return this.#samples.filter(
      (one) =>
        one.probe === probe && one.connection === connection && one.at >= at && one.at + one.tookMs <= now,
    );
  }

  /** Makes a dependency refuse without a fault. */
  break(probe: string): void {
    this.#broken.add(probe);
  }

  #ask(probe: string, connection: 'held' | 'fresh', at: EpochMs): ProbeSample {
    const answer = (ok: boolean, outcome: string, tookMs: number): ProbeSample => ({
      probe,
      connection,
      at,
      tookMs,
      ok,
      outcome,
    });
    if (this.#broken.has(probe)) return answer(false, 'refused', USUAL_MS);
    const link = `probe->${probe.replace('-write', '')}`;
    if (this.#target.net.isReset(link)) return answer(false, 'reset', USUAL_MS);
    const rejection = connection === 'fresh' ? this.#target.net.rejects(link) : undefined;
    if (rejection !== undefined) return answer(false, wordOf(rejection), USUAL_MS);
    if (this.#target.isBroken(link)) return answer(false, 'stalled', DEADLINE_MS);
    const instances = this.#target.instances(probe);
    const hasInstances = this.#target.lives(probe).length > 0;
    if (hasInstances) {
      const up = instances.filter((one) => one.ready);
      const heldPid = this.#heldPid.get(probe);
      const isBroken =
        connection === 'held' && heldPid !== undefined && !instances.some((one) => one.pid === heldPid);
      if (connection === 'held') this.#heldPid.set(probe, isBroken ? undefined : (heldPid ?? up[0]?.pid));
      if (isBroken) return answer(false, 'reset', USUAL_MS);
      // A Service distributes new connections to its ready instances in rotation.
      const turn = up[(at / INTERVAL_MS) % Math.max(1, up.length)];
      const asked = connection === 'held' ? instances.find((one) => one.pid === heldPid) : turn;
      if (asked?.stopped === true) return answer(false, 'stalled', DEADLINE_MS);
      if (up.length === 0) return answer(false, 'refused', USUAL_MS);
      const { status, delayMs } = probe === 'web' ? this.#target.http.answer() : { delayMs: 0 };
      if (status !== undefined) return answer(false, `http-${status}`, USUAL_MS + delayMs);
      if (delayMs > DEADLINE_MS) return answer(false, 'stalled', DEADLINE_MS);
      if (delayMs > 0) return answer(true, 'ok', USUAL_MS + delayMs);
    }
    if (probe === 'redis' || probe === 'redis:write') {
      const { redis } = this.#target;
      const made = this.#heldGeneration.get(probe) ?? redis.generation;
      if (connection === 'held') this.#heldGeneration.set(probe, redis.generation);
      if (connection === 'held' && made !== redis.generation) return answer(false, 'reset', USUAL_MS);
      const word = redis.answer(probe, connection);
      if (word) return answer(false, word.outcome, word.stalled ? DEADLINE_MS : USUAL_MS);
    }
    const tookMs = USUAL_MS + this.#target.net.slower(link, PAYLOAD_BITS);
    return tookMs > DEADLINE_MS ? answer(false, 'stalled', DEADLINE_MS) : answer(true, 'ok', tookMs);
  }
}

/** As a probe reports an error of Redis; of a connection that is closed without one. */
const wordOf = (rejection: string): string =>
  rejection === '' ? 'reset' : rejection.slice(1).replace(/\r\n$/, '');
