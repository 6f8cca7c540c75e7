/** Real pods that talk to real pods, and what each of them sees on one held connection and on fresh ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeBench } from './kube-bench.ts';

export interface Seen {
  readonly outcome: string;
  readonly good: number;
  readonly bad: number;
}

export interface Talk {
  readonly held: Seen;
  readonly fresh: Seen;
}

export const isGood = ({ held, fresh }: Talk): boolean => held.outcome === 'ok' && fresh.outcome === 'ok';
export const isCut = ({ held, fresh }: Talk): boolean =>
  held.outcome === 'timeout' && fresh.outcome === 'timeout';

const WAIT_MS = 30_000;

/** @throws Error with the last value when it is not so within 30 s. */
export async function until<T>(what: string, ask: () => Promise<T>, isIt: (value: T) => boolean): Promise<T> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const value = await ask();
    if (isIt(value)) return value;
    if (performance.now() > end) throw new Error(`${what}: not in time, last ${JSON.stringify(value)}`);
    await sleep(50);
  }
}

export class Talkers {
  readonly #bench: KubeBench;
  readonly #namespace: string;

  constructor(bench: KubeBench, namespace: string) {
    this.#bench = bench;
    this.#namespace = namespace;
  }

  /** No pod is admitted before a controller has made this. */
  async admitted(): Promise<void> {
    const path = `/api/v1/namespaces/${this.#namespace}/serviceaccounts`;
    const ask = async () =>
      (await this.#bench.admin.ask<{ items: unknown[] }>({ method: 'GET', path, what: 'list accounts' }))
        .body;
    await until('the service account', ask, ({ items }) => items.length > 0);
  }

  async service(name: string, clusterIP: string, port: number): Promise<void> {
    await this.#bench.create(`/api/v1/namespaces/${this.#namespace}/services`, {
      metadata: { name },
      spec: { clusterIP, selector: { app: name }, ports: [{ port }] },
    });
  }

  async pod(name: string, app: string, args: readonly string[]): Promise<void> {
    await this.#bench.create(`/api/v1/namespaces/${this.#namespace}/pods`, {
      metadata: { name, labels: { app } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'localhost/testpod:1', imagePullPolicy: 'Never', args }],
      },
    });
  }

  async talk(pod: string): Promise<Talk> {
    const path = `/api/v1/namespaces/${this.#namespace}/pods/${pod}:8080/proxy/`;
    return (await this.#bench.admin.ask<Talk>({ method: 'GET', path, what: `ask ${pod}` })).body;
  }

  async sees(pods: readonly string[], what: string, isIt: (talk: Talk) => boolean): Promise<void> {
    for (const pod of pods) await until(`${pod}: ${what}`, () => this.talk(pod), isIt);
  }
}
