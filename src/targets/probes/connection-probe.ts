/**
 * Watches one dependency on two connections. Held: a client that keeps its connection as long as that lives, with one
 * request under way at a time; what is overdue stays under way, as a real client's would. Fresh: a new connection each time.
 */
import type { Clock } from '../../core/clock.ts';
import type { ProbeSample } from '../../core/samples.ts';
import type { Ms } from '../../core/units.ts';
import { type Dialler, type Line, outcomeOf } from './line.ts';

export interface Probe {
  readonly name: string;
  /** Never rejects: a failure is a sample. Takes no longer than the deadline. */
  send(connection: 'held' | 'fresh', deadline: Ms): Promise<ProbeSample>;
  close(): void;
}

type Answer = { readonly ok: true } | { readonly ok: false; readonly outcome: string };

const STALLED: Answer = { ok: false, outcome: 'stalled' };

export class ConnectionProbe implements Probe {
  readonly name: string;
  readonly #dialler: Dialler;
  readonly #clock: Clock;
  #held: Line | undefined;
  #underWay: Promise<Answer> | undefined;

  constructor(name: string, dialler: Dialler, clock: Clock) {
    this.name = name;
    this.#dialler = dialler;
    this.#clock = clock;
  }

  async send(connection: 'held' | 'fresh', deadline: Ms): Promise<ProbeSample> {
    const at = this.#clock.now();
    const answer = await (connection === 'held' ? this.#sendHeld(deadline) : this.#sendFresh(deadline));
    const tookMs = this.#clock.now() - at;
    const outcome = answer.ok ? 'ok' : answer.outcome;
    return { probe: this.name, connection, at, tookMs, ok: answer.ok, outcome };
  }

  close(): void {
    this.#held?.close();
  }

  #sendHeld(deadline: Ms): Promise<Answer> {
    if (this.#underWay === undefined) {
      const underWay = this.#askHeld(deadline).finally(() => {
        this.#underWay = undefined;
      });
      this.#underWay = underWay;
    }
    return orStalled(this.#underWay, deadline);
  }

  async #askHeld(deadline: Ms): Promise<Answer> {
    try {
      if (this.#held === undefined || this.#held.closed) {
        this.#held?.close();
        this.#held = undefined;
        this.#held = await this.#dialler.dial(deadline);
      }
      await this.#held.ask();
      return { ok: true };
    } catch (error) {
      return { ok: false, outcome: outcomeOf(error) };
    }
  }

  async #sendFresh(deadline: Ms): Promise<Answer> {
    let line: Line | undefined;
    let over = false;
    const work = async (): Promise<Answer> => {
      try {
        line = await this.#dialler.dial(deadline);
        // The deadline may have passed while dialling: nobody would close this line any more.
        if (over) line.close();
        await line.ask();
        return { ok: true };
      } catch (error) {
        return { ok: false, outcome: outcomeOf(error) };
      }
    };
    try {
      return await orStalled(work(), deadline);
    } finally {
      over = true;
      line?.close();
    }
  }
}

async function orStalled(work: Promise<Answer>, deadlineMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(STALLED), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
