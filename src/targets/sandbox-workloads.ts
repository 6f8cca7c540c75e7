/** Workloads and ready instances of a sandbox, over the control socket of its supervisor. */
import type { ReadyActs, ReadySink } from '../core/acts/ready-acts.ts';
import {
  type Workload,
  type WorkloadActs,
  type WorkloadState,
  workloadOf,
} from '../core/acts/workload-acts.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { ms } from '../core/units.ts';
import { callControl } from '../system/control-socket.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { ReadyChanges } from '../system/sandbox/ready-changes.ts';

/** Nothing is missed between two questions: the supervisor keeps every change. */
const ASK_EVERY_MS = ms(500);

export function sandboxWorkloadActs(socket: string): WorkloadActs {
  const post = <Answer>(what: string, workload: Workload, more: object = {}): Promise<Answer> =>
    callControl<Answer>(socket, 'POST', `/workloads/${what}`, {
      body: { workload: workloadOf(workload), ...more },
    });
  return {
    list: (service) =>
      callControl<WorkloadState[]>(socket, 'GET', `/workloads/list?service=${encodeURIComponent(service)}`),
    read: async (workload) => (await post<{ state: WorkloadState | null }>('read', workload)).state,
    // Nothing else sets the seats of a sandbox.
    scaler: async () => null,
    roll: async (workload, mark) =>
      (await post<{ outcome: 'sent' | 'gone' }>('roll', workload, { mark })).outcome,
    scale: async (workload, from, to) =>
      (await post<{ outcome: 'set' | 'changed' | 'gone' }>('scale', workload, { from, to })).outcome,
  };
}

export const sandboxReadyActs = (socket: string, clock: Clock = monotonicClock): ReadyActs => ({
  async watch(service, sink) {
    const watch = new ReadyPolls(socket, service, sink);
    await watch.ask();
    const stopped = new AbortController();
    const following = (async () => {
      while (!stopped.signal.aborted) {
        await clock.sleep(ASK_EVERY_MS, stopped.signal).catch(() => undefined);
        // One that fails is made good by the next: only the last one must not.
        if (!stopped.signal.aborted) await watch.ask().catch(() => undefined);
      }
    })();
    return async () => {
      stopped.abort(new Error('stopped'));
      await following;
      return await watch.ask();
    };
  },
});

class ReadyPolls {
  readonly #socket: string;
  readonly #service: string;
  readonly #sink: ReadySink;
  #seen = 0;
  #since = monotonicClock.now();

  constructor(socket: string, service: string, sink: ReadySink) {
    this.#socket = socket;
    this.#service = service;
    this.#sink = sink;
  }

  /** @returns the instant up to which all is known. @throws when the supervisor does not answer. */
  async ask(): Promise<ReadyChanges['now']> {
    const query = `service=${encodeURIComponent(this.#service)}&seen=${this.#seen}`;
    const answer = await callControl<ReadyChanges>(this.#socket, 'GET', `/workloads/ready?${query}`).catch(
      (error: unknown) => {
        throw new Error(`the supervisor does not answer: ${messageOf(error)}`, { cause: error });
      },
    );
    if (answer.missed > 0)
      this.#sink.unwatched(this.#since, answer.now, `${answer.missed} changes are not kept any more`);
    for (const { at, ready } of answer.changes) this.#sink.ready(ready, at);
    this.#seen = answer.seen;
    this.#since = answer.now;
    return answer.now;
  }
}
