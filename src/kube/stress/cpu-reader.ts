/**
 * Reads the kernel's counters in one container: `netagent tasks` as an unprivileged ephemeral container in
 * its pid namespace, which writes lines to its log. A reading executes no command: in a pod without free CPU
 * that would take seconds.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { PodVictim } from '../../core/topology.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { KubeApi } from '../client/client.ts';
import { podsPath } from '../client/list.ts';
import { type Waiting, type WaitingJson, waitingOf } from '../pods/container-waiting.ts';
import { addReading, firstTotals, type Reading, type Totals } from './cpu-totals.ts';

/** Measured: 1 to 3 s with the image on the node; the duration of a pull is unknown. */
const START_MS = ms(60_000);
const POLL_MS = ms(200);
/** Written every half second; a pod without free CPU writes later. */
const EVERY = '500ms';
const STALE_MS = ms(4000);

interface StateJson {
  readonly running?: object;
  readonly waiting?: WaitingJson;
  readonly terminated?: { readonly exitCode?: number };
}
interface WithEphemeral {
  readonly status?: {
    readonly ephemeralContainerStatuses?: readonly { readonly name?: string; readonly state?: StateJson }[];
  };
}

export class CpuReader {
  readonly #client: KubeApi;
  readonly #image: string;
  readonly #victim: PodVictim;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #last: { readonly reading: Reading; readonly totals: Totals; readonly cameAt: EpochMs } | undefined;
  #lost: string | undefined;

  constructor(client: KubeApi, image: string, victim: PodVictim, clock: Clock = monotonicClock) {
    this.#client = client;
    this.#image = image;
    this.#victim = victim;
    this.#clock = clock;
  }

  /**
   * @param lastsMs after which it ends by itself. @throws unavailable with the kubelet's message, ApiError
   * with that of the API.
   */
  async start(lastsMs: Ms): Promise<void> {
    const name = `gauntlet-cpu-${randomUUID().slice(0, 8)}`;
    const { namespace, instance, uid } = this.#victim;
    await this.#client.ask({
      method: 'PATCH',
      path: `${this.#path()}/ephemeralcontainers`,
      what: `add ephemeral container ${name} to pod ${instance} in ${namespace}`,
      // Merges by name: other containers stay. With the uid: not into a successor of the same name.
      contentType: 'application/strategic-merge-patch+json',
      body: { metadata: { uid }, spec: { ephemeralContainers: [this.#container(name, lastsMs)] } },
    });
    const until = this.#clock.now() + START_MS;
    for (;;) {
      const waiting = await this.#waiting(name);
      if (waiting === null) break;
      if (waiting.isHopeless || this.#clock.now() > until) throw this.#notStarted(waiting.why);
      await this.#clock.sleep(POLL_MS);
    }
    void this.#follow(name);
  }

  stop(): void {
    this.#ended.abort();
  }

  /** The newest sum; undefined before the first reading, and when none has arrived for seconds. */
  get totals(): Totals | undefined {
    const last = this.#last;
    return last === undefined || this.#clock.now() - last.cameAt > STALE_MS ? undefined : last.totals;
  }

  /** Why no more readings arrive; undefined while they do. */
  get lost(): string | undefined {
    return this.#lost;
  }

  async #follow(container: string): Promise<void> {
    const what = `follow the log of ${container} in pod ${this.#victim.instance}`;
    const query = { container, follow: 'true' };
    const request = { method: 'GET' as const, path: `${this.#path()}/log`, what, query };
    try {
      await this.#client.lines(
        request,
        this.#ended.signal,
        (line) => this.#read(line),
        () => undefined,
      );
      this.#lost ??= `${container} has ended`;
    } catch (error) {
      this.#lost = messageOf(error);
    }
  }

  #read(line: string): void {
    let reading: Reading;
    try {
      reading = JSON.parse(line) as Reading;
    } catch {
      // Its stderr is in the same log: why it ended.
      this.#lost = line;
      return;
    }
    const last = this.#last;
    const totals = last === undefined ? firstTotals(reading) : addReading(last.totals, last.reading, reading);
    this.#last = { reading, totals, cameAt: this.#clock.now() };
  }

  async #waiting(name: string): Promise<Waiting | null> {
    const { instance, namespace } = this.#victim;
    const what = `get pod ${instance} in ${namespace}`;
    const { body } = await this.#client.ask<WithEphemeral>({ method: 'GET', path: this.#path(), what });
    const state = body.status?.ephemeralContainerStatuses?.find((one) => one.name === name)?.state ?? {};
    // Ended at once: its log has the reason.
    if (state.running !== undefined || state.terminated !== undefined) return null;
    return waitingOf(state.waiting);
  }

  #path(): string {
    return `${podsPath(this.#victim.namespace)}/${encodeURIComponent(this.#victim.instance)}`;
  }

  #container(name: string, lastsMs: Ms): object {
    return {
      name,
      image: this.#image,
      imagePullPolicy: 'IfNotPresent',
      args: ['tasks', '-every', EVERY, '-for', `${Math.ceil(lastsMs / 1000)}s`],
      targetContainerName: this.#victim.run?.container,
      securityContext: {
        runAsUser: 65_532,
        runAsNonRoot: true,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    };
  }

  #notStarted(got: string): GauntletError {
    const { instance, namespace } = this.#victim;
    return new GauntletError('unavailable', [
      {
        subject: `reader ${this.#image} in pod ${instance} of ${namespace}`,
        expected: `to run within ${START_MS / 1000} s`,
        got,
        next: 'Push packages/netagent to a registry that the nodes can pull from, and name it: kubernetes: { agent: { image: ... } }.',
      },
    ]);
  }
}
