/**
 * A stand-in for the controller of Chaos Mesh, which cannot be built here, for kinds whose records name pods or containers
 * (PodChaos, StressChaos): on a real API server it writes finalizer, records and their counts in the order in which Chaos Mesh's
 * controllers do (read in their source, commit 608b61e7). What an object does to a pod is done by the test's own hand, for real.
 */
import type { ChaosObjectJson, ChaosRecord } from '../../../src/kube/chaos-mesh/network-chaos.ts';
import type { KubeClient } from '../../../src/kube/client/client.ts';

export type Conduct =
  | 'works'
  /** Writes that everything is injected, and does nothing. */
  | 'lies'
  /** Can neither inject nor recover, and says so in events of the records. */
  | 'fails'
  /** Does nothing, as one that has died or was never there. */
  | 'dead';

export interface ChaosJson extends ChaosObjectJson {
  readonly spec?: NonNullable<ChaosObjectJson['spec']> & {
    readonly action?: string;
    readonly gracePeriod?: number;
    readonly duration?: string;
    readonly stressors?: { readonly cpu?: { readonly workers?: number } };
  };
}

/** @param id of the record: `namespace/pod` or `namespace/pod/container`. @throws for a failure, which is tried again. */
export interface Hand {
  apply(id: string, object: ChaosJson): Promise<void>;
  recover(id: string, object: ChaosJson): Promise<void>;
}

const API = '/apis/chaos-mesh.org/v1alpha1';
const POLL_MS = 100;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));

export class ChaosStandIn {
  conduct: Conduct = 'works';
  hand: Hand;
  /** Every object that it has worked on, as it was made. */
  readonly seen: ChaosJson[] = [];
  readonly #admin: KubeClient;
  readonly #kind: string;
  readonly #plural: string;
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();

  constructor(admin: KubeClient, kind: 'PodChaos' | 'StressChaos', hand: Hand) {
    this.#admin = admin;
    this.#kind = kind;
    this.#plural = kind.toLowerCase();
    this.hand = hand;
  }

  /** A CRD of our own with group, version, kind and plural of Chaos Mesh's; without the status subresource, as there. */
  async install(): Promise<void> {
    const [kind, plural] = [this.#kind, this.#plural];
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await this.#ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: `${plural}.chaos-mesh.org` },
      spec: {
        group: 'chaos-mesh.org',
        scope: 'Namespaced',
        names: { kind, plural, singular: plural, listKind: `${kind}List` },
        versions: [{ name: 'v1alpha1', served: true, storage: true, schema }],
      },
    });
    while ((await this.#served()) === false) await pause();
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
  }

  /** @returns the objects there are now. */
  async objects(): Promise<readonly ChaosJson[]> {
    return (await this.#ask<{ items: ChaosJson[] }>('GET', `${API}/${this.#plural}`)).items;
  }

  /** Takes the finalizer away, as people do with an object that will not go; what it does in pods stays. */
  async force(object: ChaosJson): Promise<void> {
    await this.#patch(object, { metadata: { finalizers: null } });
    await this.#ask('DELETE', this.#path(object)).catch(() => undefined);
  }

  async #served(): Promise<boolean> {
    const there = await this.#ask<{ resources: { name: string }[] }>('GET', API).catch(() => null);
    return there?.resources.some((one) => one.name === this.#plural) === true;
  }

  async #reconcile(): Promise<void> {
    for (const one of await this.objects()) {
      if (this.conduct === 'dead') continue;
      if (one.metadata?.deletionTimestamp !== undefined) await this.#recover(one);
      else if (one.metadata?.finalizers === undefined) {
        this.seen.push(one);
        await this.#patch(one, { metadata: { finalizers: ['chaos-mesh/records'] } });
      } else await this.#apply(one);
    }
  }

  /** Whatever is not injected is tried again at each pass, as a one-shot object is by Chaos Mesh. */
  async #apply(one: ChaosJson): Promise<void> {
    const records = one.status?.experiment?.containerRecords ?? this.#select(one);
    const next: ChaosRecord[] = [];
    for (const record of records) {
      const isDone = record.phase === 'Injected';
      next.push(isDone ? record : await this.#applyOne(record, one));
    }
    if (next.some((record, index) => record !== records[index])) await this.#write(one, 'Run', next);
  }

  async #applyOne(record: ChaosRecord, one: ChaosJson): Promise<ChaosRecord> {
    try {
      if (this.conduct === 'fails') throw new Error('chaos-daemon is unavailable');
      if (this.conduct !== 'lies') await this.hand.apply(record.id ?? '', one);
      return { ...record, phase: 'Injected', injectedCount: (record.injectedCount ?? 0) + 1 };
    } catch (error) {
      return { ...record, events: [{ type: 'Failed', operation: 'Apply', message: String(error) }] };
    }
  }

  #select({ spec }: ChaosJson): readonly ChaosRecord[] {
    const names = Object.entries(spec?.selector?.pods ?? {}).flatMap(([namespace, pods]) =>
      pods.flatMap((pod) => {
        const id = `${namespace}/${pod}`;
        return spec?.containerNames?.map((container) => `${id}/${container}`) ?? [id];
      }),
    );
    return names.map((id) => ({
      id,
      selectorKey: '.',
      phase: 'Not Injected',
      injectedCount: 0,
      recoveredCount: 0,
    }));
  }

  async #recover(one: ChaosJson): Promise<void> {
    const records = one.status?.experiment?.containerRecords ?? [];
    const next: ChaosRecord[] = [];
    for (const record of records) {
      if (record.phase !== 'Injected') next.push(record);
      else if (this.conduct === 'fails') {
        const event = { type: 'Failed', operation: 'Recover', message: 'chaos-daemon is unavailable' };
        next.push({ ...record, events: [event] });
      } else {
        if (this.conduct !== 'lies') await this.hand.recover(record.id ?? '', one);
        next.push({
          ...record,
          phase: 'Not Injected',
          recoveredCount: (record.recoveredCount ?? 0) + 1,
        });
      }
    }
    await this.#write(one, 'Stop', next);
    if (next.every((record) => record.phase === 'Not Injected')) {
      await this.#patch(one, { metadata: { finalizers: null } });
    }
  }

  async #write(
    one: ChaosJson,
    desiredPhase: string,
    containerRecords: readonly ChaosRecord[],
  ): Promise<void> {
    const is = (phase: string) =>
      containerRecords.every((record) => record.phase === phase) ? 'True' : 'False';
    const conditions = [
      { type: 'Selected', status: 'True' },
      { type: 'AllInjected', status: is('Injected') },
      { type: 'AllRecovered', status: is('Not Injected') },
    ];
    await this.#patch(one, { status: { conditions, experiment: { desiredPhase, containerRecords } } });
  }

  async #patch(object: ChaosJson, change: object): Promise<void> {
    await this.#ask('PATCH', this.#path(object), change);
  }

  #path({ metadata }: ChaosJson): string {
    return `${API}/namespaces/${metadata?.namespace}/${this.#plural}/${metadata?.name}`;
  }

  async #ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
    const what = `${method} ${path}`;
    return (await this.#admin.ask<T>({ method, path, what, ...(body && { body }) })).body;
  }
}
