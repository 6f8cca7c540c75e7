/**
 * Watches one dependency on two connections. Held: a client that keeps its connection as long as possible,
 * with one request in flight at a time; an overdue request stays in flight, as with a real client. Fresh: a
 * new connection each time.
 *
 * Samples of the held connection: `stalled` while a request is overdue; `reset` when the connection was
 * closed during a request or between two; `ok, renewed` for the first answer on the next connection. Every
 * answer belongs to a request that was sent at the sample's instant: a late one only ends the stall, and is
 * never a fast `ok`.
 */
import type { Clock } from '../../core/clock.ts';
import type { ProbeSample } from '../../core/samples.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { type Dialler, type Line, outcomeOf, ServerWord } from '../../protocols/line/line.ts';

/** As the system's file says; null: as every probe. */
export interface ProbeTimes {
  readonly everyMs: Ms | null;
  readonly timeoutMs: Ms | null;
}

export interface Probe {
  readonly name: string;
  /** Absent: as every probe. */
  readonly times?: ProbeTimes;
  /** Never rejects: a failure is a sample. */
  send(connection: 'held' | 'fresh', deadline: Ms): Promise<ProbeSample>;
  close(): void;
}

interface Answer {
  readonly ok: boolean;
  readonly outcome: string;
  /** The connection is gone, or never existed. */
  readonly lost: boolean;
}

interface Sent {
  readonly at: EpochMs;
  readonly answer: Answer;
}

const STALLED: Answer = { ok: false, outcome: 'stalled', lost: false };
const CLOSED_WHILE_IDLE: Answer = { ok: false, outcome: 'reset', lost: true };
/**
 * Waits for an overdue answer until the next sample is due: the stall is then known to this precision, not to
 * the deadline.
 */
const OVERDUE_WAIT_MS = 100;

export class ConnectionProbe implements Probe {
  readonly name: string;
  readonly times: ProbeTimes;
  readonly #dialler: Dialler;
  readonly #clock: Clock;
  #held: Line | undefined;
  #underWay: Promise<Answer> | undefined;
  /** A held connection was lost, and its successor has not answered yet. */
  #lost = false;
  #closed = false;

  constructor(
    name: string,
    dialler: Dialler,
    clock: Clock,
    times: ProbeTimes = { everyMs: null, timeoutMs: null },
  ) {
    this.name = name;
    this.times = times;
    this.#dialler = dialler;
    this.#clock = clock;
  }

  async send(connection: 'held' | 'fresh', deadline: Ms): Promise<ProbeSample> {
    const { at, answer } = await (connection === 'held'
      ? this.#sendHeld(deadline)
      : this.#sendFresh(deadline));
    const tookMs = this.#clock.now() - at;
    return { probe: this.name, connection, at, tookMs, ok: answer.ok, outcome: answer.outcome };
  }

  close(): void {
    this.#closed = true;
    this.#held?.close();
  }

  async #sendHeld(deadline: Ms): Promise<Sent> {
    const started = this.#clock.now();
    if (this.#underWay) {
      const late = await this.#orStalled(this.#underWay, Math.min(deadline, OVERDUE_WAIT_MS));
      if (late === STALLED || late.lost) return { at: started, answer: late };
    } else if (this.#held?.closed === true) {
      this.#drop();
      return { at: started, answer: CLOSED_WHILE_IDLE };
    }
    const at = this.#clock.now();
    const underWay = this.#askHeld(deadline).finally(() => {
      this.#underWay = undefined;
    });
    this.#underWay = underWay;
    return { at, answer: await this.#orStalled(underWay, deadline) };
  }

  async #askHeld(deadline: Ms): Promise<Answer> {
    try {
      this.#held ??= await this.#dialler.dial(deadline);
      if (this.#closed) this.#held.close();
      await this.#held.ask();
      const outcome = this.#lost ? 'ok, renewed' : 'ok';
      this.#lost = false;
      return { ok: true, outcome, lost: false };
    } catch (error) {
      const answer = refusal(error);
      if (answer.lost) this.#drop();
      return answer;
    }
  }

  #drop(): void {
    if (this.#held) this.#lost = true;
    this.#held?.close();
    this.#held = undefined;
  }

  async #sendFresh(deadline: Ms): Promise<Sent> {
    const at = this.#clock.now();
    let line: Line | undefined;
    let over = false;
    const work = async (): Promise<Answer> => {
      try {
        line = await this.#dialler.dial(deadline);
        // The deadline may have passed while dialling: no other code would close this line.
        if (over) line.close();
        await line.ask();
        return { ok: true, outcome: 'ok', lost: false };
      } catch (error) {
        return refusal(error);
      }
    };
    try {
      return { at, answer: await this.#orStalled(work(), deadline) };
    } finally {
      over = true;
      line?.close();
    }
  }

  async #orStalled(work: Promise<Answer>, deadlineMs: number): Promise<Answer> {
    const answered = new AbortController();
    const stalled = (): Answer => STALLED;
    const late = this.#clock.sleep(ms(deadlineMs), answered.signal).then(stalled, stalled);
    try {
      return await Promise.race([work, late]);
    } finally {
      answered.abort();
    }
  }
}

const refusal = (error: unknown): Answer => ({
  ok: false,
  outcome: outcomeOf(error),
  lost: !(error instanceof ServerWord),
});
