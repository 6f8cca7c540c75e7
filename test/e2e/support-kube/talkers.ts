/** Pods that talk to each other over TCP (packages/test-cluster/testpod), and what they say they see on a held and on fresh connections. */
import { listNetPods } from '../../../src/kube/links/agent/net-pods.ts';
import { type KubeBench, OPT_IN } from './kube-bench.ts';

export const PORT = 9090;

interface Seen {
  readonly outcome: string;
  readonly tookMs: number;
  readonly good: number;
  readonly bad: number;
  readonly lastBad: string;
}

export interface Talk {
  readonly held: Seen;
  readonly fresh: Seen;
  readonly bulkBytes: number;
}

export const isGood = ({ held, fresh }: Talk): boolean => held.outcome === 'ok' && fresh.outcome === 'ok';

export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  isIt: (value: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (isIt(value)) return value;
    if (performance.now() > end) {
      throw new Error(`${what}: not within ${withinMs / 1000} s, last ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Talkers {
  readonly #bench: KubeBench;
  readonly space: string;

  constructor(bench: KubeBench, space: string) {
    this.#bench = bench;
    this.space = space;
  }

  /** A namespace with an echo behind a Service of this address. @param labels of the namespace, besides the opt-in. */
  async up(serviceAddress: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const { space } = this;
    const metadata = { name: space, labels: { ...OPT_IN, ...labels } };
    await this.#bench.create('/api/v1/namespaces', { metadata });
    await this.#bench.create(`/api/v1/namespaces/${space}/services`, {
      metadata: { name: 'server' },
      spec: { clusterIP: serviceAddress, selector: { app: 'server' }, ports: [{ port: PORT }] },
    });
    // Made by a controller, and no pod is admitted without it.
    const path = `/api/v1/namespaces/${space}/serviceaccounts`;
    const what = 'list accounts';
    await until(
      'the service account',
      async () => (await this.#bench.admin.ask<{ items: unknown[] }>({ method: 'GET', path, what })).body,
      ({ items }) => items.length > 0,
    );
    await this.pod('server', 'server', ['serve', '-echo', String(PORT)]);
    await this.#bench.ready({ namespace: space, selector: 'app=server' }, 1);
  }

  async addressOf(app: string): Promise<string> {
    const where = { namespace: this.space, selector: `app=${app}` };
    const [pod] = await listNetPods(this.#bench.admin, where);
    return pod?.addresses[0] ?? '';
  }

  pod(name: string, app: string, args: readonly string[]): Promise<void> {
    return this.#bench.create(`/api/v1/namespaces/${this.space}/pods`, {
      metadata: { name, labels: { app } },
      spec: {
        terminationGracePeriodSeconds: 0,
        // Admitted at every Pod Security level.
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'c',
            image: 'localhost/testpod:1',
            imagePullPolicy: 'Never',
            args,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
  }

  async talk(pod: string): Promise<Talk> {
    const path = `/api/v1/namespaces/${this.space}/pods/${pod}:8080/proxy/`;
    return (await this.#bench.admin.ask<Talk>({ method: 'GET', path, what: `ask ${pod}` })).body;
  }
}
