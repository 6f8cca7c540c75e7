/**
 * A stand-in for the controller of Chaos Mesh, which cannot be built here, on a real API server: it writes finalizer, records,
 * conditions and PodNetworkChaos in the order in which Chaos Mesh's controllers do (read in their source, commit 608b61e7), and
 * instead of rules in pods it makes one server that answers as Redis late or not at all. How it misbehaves is chosen by the test.
 */
import { createServer, type Socket } from 'node:net';
import type { ChaosObjectJson, ChaosRecord } from '../../../src/kube/chaos-mesh/network-chaos.ts';
import type { KubeClient } from '../../../src/kube/client/client.ts';

export type Conduct =
  | 'works'
  /** The second record fails to be injected. */
  | 'injects one'
  /** Says AllRecovered and lets the object go, though nothing was recovered. */
  | 'lies'
  /** Cannot recover, so the finalizer stays. */
  | 'stuck'
  /** Does nothing, as one that has died or was never there. */
  | 'dead';

const API = '/apis/chaos-mesh.org/v1alpha1';
const KINDS = [
  { kind: 'NetworkChaos', plural: 'networkchaos', status: false },
  { kind: 'PodNetworkChaos', plural: 'podnetworkchaos', status: true },
] as const;
const POLL_MS = 100;

export class ChaosMeshStandIn {
  conduct: Conduct = 'works';
  /** Every object that it has seen, in its last state. */
  readonly last = new Map<string, ChaosObjectJson>();
  readonly #admin: KubeClient;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #delayMs = 0;
  #unanswered: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();

  constructor(admin: KubeClient) {
    this.#admin = admin;
  }

  readonly #redis = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      // ECHO: the payload follows the fourth line.
      const payload = bytes.toString('latin1').split('\r\n')[4] ?? '';
      const answer = (): void =>
        void (socket.destroyed || socket.write(`$${payload.length}\r\n${payload}\r\n`));
      if (this.#isCut) this.#unanswered.push(answer);
      else if (this.#delayMs > 0) setTimeout(answer, this.#delayMs);
      else answer();
    });
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#redis.listen(0, '127.0.0.1', resolve));
    return (this.#redis.address() as { port: number }).port;
  }

  /** CRDs of our own with group, version, kinds and plurals of Chaos Mesh's. */
  async install(): Promise<void> {
    for (const { kind, plural, status } of KINDS) {
      const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
      const version = { name: 'v1alpha1', served: true, storage: true, schema };
      await this.#ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        metadata: { name: `${plural}.chaos-mesh.org` },
        spec: {
          group: 'chaos-mesh.org',
          scope: 'Namespaced',
          names: { kind, plural, singular: plural, listKind: `${kind}List` },
          versions: [status ? { ...version, subresources: { status: {} } } : version],
        },
      });
    }
    for (;;) {
      const served = await this.#ask<{ resources: unknown[] }>('GET', API).catch(() => null);
      if ((served?.resources.length ?? 0) >= KINDS.length) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const again = (): void => {
      this.#pass = this.#reconcile().catch(() => undefined);
      void this.#pass.then(() => {
        if (this.#timer !== undefined) this.#timer = setTimeout(again, POLL_MS);
      });
    };
    this.#timer = setTimeout(again, 0);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#pass;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#redis.close(resolve));
  }

  /** @returns the objects there are now. */
  async objects(): Promise<readonly ChaosObjectJson[]> {
    return (await this.#ask<{ items: ChaosObjectJson[] }>('GET', `${API}/networkchaos`)).items;
  }

  /** Takes the finalizer away, as people do with an object that will not go; the rules stay in the pods. */
  async force(object: ChaosObjectJson): Promise<void> {
    await this.patch(object, { metadata: { finalizers: null } });
    await this.#ask('DELETE', this.#path(object)).catch(() => undefined);
  }

  /** Takes the rules out of every pod, as the deletion of the pods would. */
  async sweep(): Promise<void> {
    const { items } = await this.#ask<{ items: ChaosObjectJson[] }>('GET', `${API}/podnetworkchaos`);
    for (const { metadata } of items) {
      await this.#ask('DELETE', `${API}/namespaces/${metadata?.namespace}/podnetworkchaos/${metadata?.name}`);
    }
    this.#cut(false);
  }

  async patch(object: ChaosObjectJson, change: object): Promise<void> {
    await this.#ask('PATCH', this.#path(object), change);
  }

  async delete(object: ChaosObjectJson): Promise<void> {
    await this.#ask('DELETE', this.#path(object));
  }

  async #reconcile(): Promise<void> {
    for (const one of await this.objects()) {
      this.last.set(one.metadata?.name ?? '', one);
      if (this.conduct === 'dead') continue;
      if (one.metadata?.deletionTimestamp !== undefined) await this.#recover(one);
      else if (one.metadata?.finalizers === undefined) {
        await this.patch(one, { metadata: { finalizers: ['chaos-mesh/records'] } });
      } else if (one.status === undefined) await this.#inject(one);
    }
  }

  async #inject(one: ChaosObjectJson): Promise<void> {
    const ids = (key: string, pods: object = {}): ChaosRecord[] =>
      Object.entries(pods as Record<string, string[]>).flatMap(([namespace, names]) =>
        names.map((name) => ({ id: `${namespace}/${name}`, selectorKey: key })),
      );
    const all = [...ids('.', one.spec?.selector?.pods), ...ids('.Target', one.spec?.target?.selector?.pods)];
    const records = all.map((record, index): ChaosRecord => {
      if (this.conduct === 'injects one' && index === 1) {
        const event = { type: 'Failed', operation: 'Apply', message: 'unable to set ipset' };
        return { ...record, phase: 'Not Injected', injectedCount: 0, recoveredCount: 0, events: [event] };
      }
      return { ...record, phase: 'Injected', injectedCount: 1, recoveredCount: 0 };
    });
    for (const { id = '' } of records) await this.#rules(id, one);
    const whole = records.every((record) => record.phase === 'Injected');
    await this.#write(one, 'Run', records, { AllInjected: whole, AllRecovered: false });
    const { action, delay } = one.spec as { action?: string; delay?: { latency?: string } };
    if (whole && action === 'delay') this.#delayMs = Number.parseFloat(delay?.latency ?? '0');
    else this.#cut(whole);
  }

  async #rules(id: string, one: ChaosObjectJson): Promise<void> {
    const [namespace, name] = id.split('/');
    const source = `${one.metadata?.namespace}/${one.metadata?.name}`;
    const ipsets = [{ name: 'set', ipsetType: 'hash:net', cidrs: ['127.0.0.1/32'], source }];
    await this.#ask('POST', `${API}/namespaces/${namespace}/podnetworkchaos`, {
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'PodNetworkChaos',
      metadata: { name },
      spec: { ipsets },
    });
  }

  async #recover(one: ChaosObjectJson): Promise<void> {
    const records = one.status?.experiment?.containerRecords ?? [];
    if (this.conduct === 'stuck') {
      const event = { type: 'Failed', operation: 'Recover', message: 'chaos-daemon is unavailable' };
      await this.#write(
        one,
        'Stop',
        records.map((record) => ({ ...record, events: [event] })),
        {},
      );
      return;
    }
    const lies = this.conduct === 'lies';
    const recovered = records.map((record) => ({
      ...record,
      phase: 'Not Injected',
      recoveredCount: lies ? (record.recoveredCount ?? 0) : (record.injectedCount ?? 0),
    }));
    await this.sweep();
    await this.#write(one, 'Stop', recovered, { AllInjected: false, AllRecovered: true });
    this.last.set(
      one.metadata?.name ?? '',
      (await this.objects()).find((now) => now.metadata?.uid === one.metadata?.uid) ?? one,
    );
    await this.patch(one, { metadata: { finalizers: null } });
  }

  async #write(
    one: ChaosObjectJson,
    desiredPhase: string,
    containerRecords: readonly ChaosRecord[],
    said: Readonly<Record<string, boolean>>,
  ): Promise<void> {
    const conditions = Object.entries({ Selected: true, ...said }).map(([type, is]) => ({
      type,
      status: is ? 'True' : 'False',
    }));
    await this.patch(one, { status: { conditions, experiment: { desiredPhase, containerRecords } } });
  }

  #cut(isCut: boolean): void {
    this.#isCut = isCut;
    this.#delayMs = 0;
    if (!isCut) for (const answer of this.#unanswered.splice(0)) answer();
  }

  #path({ metadata }: ChaosObjectJson): string {
    return `${API}/namespaces/${metadata?.namespace}/networkchaos/${metadata?.name}`;
  }

  async #ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
    const what = `${method} ${path}`;
    return (await this.#admin.ask<T>({ method, path, what, ...(body && { body }) })).body;
  }
}
