/**
 * The ConfigMaps that hold journals, as texts with versions: read, written on top of what was read, deleted,
 * listed.
 */
import { createHash } from 'node:crypto';
import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import { GauntletError } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { ApiError } from '../client/api-error.ts';
import type { ApiRequest, KubeApi } from '../client/client.ts';
import { journalNamespace } from './journal-namespace.ts';

export interface StoredJournal {
  readonly name: string;
  readonly text: string;
  readonly version: string | undefined;
}

interface ConfigMapJson {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
}

const LABEL = 'gauntlet.dev/journal';
const KEY = 'journal.ndjson';
/**
 * A fault waits for its entry after its victim was chosen; a dead pooled connection is abandoned after the
 * same time.
 */
const DEADLINE_MS = ms(4000);

/** DNS-1123 and unique, for any name of the run. */
export function journalName(run: string): string {
  const slug = run
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 80);
  return `gauntlet-journal-${slug}-${createHash('sha256').update(run).digest('hex').slice(0, 8)}`;
}

/** Each call @throws ApiError, ApiUnreachable, and refused when no namespace may be written. */
export class JournalStore {
  readonly #client: KubeApi;
  readonly #kubernetes: KubernetesHandle;

  constructor(client: KubeApi, kubernetes: KubernetesHandle) {
    this.#client = client;
    this.#kubernetes = kubernetes;
  }

  /** For people. */
  where(name: string): string {
    return `ConfigMap ${name} in ${this.#namespace()}`;
  }

  async list(): Promise<readonly StoredJournal[]> {
    const namespace = this.#namespace();
    const { body } = await this.#client.ask<{ items: ConfigMapJson[] }>({
      method: 'GET',
      path: pathOf(namespace),
      query: { labelSelector: LABEL },
      what: `list the journals of runs in ${namespace}`,
    });
    return body.items.map(stored);
  }

  async read(name: string): Promise<StoredJournal | undefined> {
    const found = await this.#ask<ConfigMapJson>(name, { method: 'GET', what: `get ${this.where(name)}` });
    return found && stored(found);
  }

  /** False when another client was faster. @param before what was read; undefined = there was none. */
  async write(name: string, text: string, before: StoredJournal | undefined): Promise<boolean> {
    const namespace = this.#namespace();
    const version = before?.version;
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        labels: { [LABEL]: 'true' },
        ...(version !== undefined && { resourceVersion: version }),
      },
      data: { [KEY]: text },
    };
    const what = `write ${this.where(name)}`;
    try {
      if (before !== undefined) return (await this.#ask(name, { method: 'PUT', what, body })) !== undefined;
      const path = pathOf(namespace);
      await this.#client.ask({ method: 'POST', path, what, body, deadlineMs: DEADLINE_MS });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      throw error;
    }
  }

  /** Idempotent. */
  async remove(name: string): Promise<void> {
    await this.#ask(name, { method: 'DELETE', what: `delete ${this.where(name)}` });
  }

  /** Undefined when it does not exist. */
  async #ask<T extends object>(name: string, request: Omit<ApiRequest, 'path'>): Promise<T | undefined> {
    const path = `${pathOf(this.#namespace())}/${encodeURIComponent(name)}`;
    try {
      return (await this.#client.ask<T>({ ...request, path, deadlineMs: DEADLINE_MS })).body;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  #namespace(): string {
    const namespace = journalNamespace(this.#kubernetes);
    if (namespace !== undefined) return namespace;
    const expected = 'a namespace that is not protected, or kubernetes.journal.namespace';
    throw new GauntletError('refused', [{ subject: 'journal of this run', expected, got: 'none' }]);
  }
}

const stored = ({ metadata, data }: ConfigMapJson): StoredJournal => ({
  name: metadata?.name ?? 'nameless',
  text: data?.[KEY] ?? '',
  version: metadata?.resourceVersion,
});

const pathOf = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
