/**
 * A test cluster with fake nodes, an administrator's client, and the few objects that tests need; taken down at the end. Or
 * the user's own cluster (user-cluster.ts): then only what the tests made themselves is touched, and all of it is removed.
 */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterDown, clusterUp } from '../../../packages/test-cluster/src/cluster.ts';
import { isBuilt, KWOK, MKUBE } from '../../../packages/test-cluster/src/go-tool.ts';
import type { ClusterKind, ClusterState } from '../../../packages/test-cluster/src/state/cluster-state.ts';
import { TEST_CONTEXT } from '../../../packages/test-cluster/src/state/fake-nodes.ts';
import type { PodSelector } from '../../../src/core/acts/kubernetes-handle.ts';
import { ApiError } from '../../../src/kube/client/api-error.ts';
import { KubeClient } from '../../../src/kube/client/client.ts';
import { readIdentity } from '../../../src/kube/client/cluster-identity.ts';
import { type ClusterAccess, openKubeconfig } from '../../../src/kube/client/kubeconfig.ts';
import { type KubePlatform, openKubePlatform } from '../../../src/kube/kube-platform.ts';
import { listPods } from '../../../src/kube/pods/pod-list.ts';
import type { PodRecord } from '../../../src/kube/pods/pod-record.ts';
import { placesFrom } from '../../../src/system/places.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';
import { Bench } from '../support/gauntlet.ts';
import { userCluster } from './user-cluster.ts';

export const { cache } = placesFrom(process.env);

/** Why these tests do not run here; null when they do. `npm test` never builds for 7 minutes: `npm run cluster -- up` does. */
export const user = userCluster(process.env);
export const missing: string | null =
  user !== null ||
  (isBuilt(MKUBE, { places: { cache, state: '' } }) && isBuilt(KWOK, { places: { cache, state: '' } }))
    ? null
    : 'SKIPPED: the test cluster is not built; build it once with: npm run cluster -- up --kind kwok';
export const IMAGE = user?.image ?? 'fake';
/**
 * As `missing`, for tests that must not run on a user's cluster: they kill its parts, use its keys, create
 * 5,000 pods.
 */
export const missingOwn: string | null =
  user === null ? missing : `SKIPPED: only on a cluster of our own, not on ${user.context}`;
/** For single tests among others that run on both. */
export const isUsers = user !== null;

export const OPT_IN = { 'gauntlet.dev/faults': 'enabled' };
const WAIT_MS = 60_000;
/** A namespace takes its pods with it, each with its own grace. */
const GONE_MS = 90_000;

export class KubeBench extends Bench {
  readonly #kind: ClusterKind;
  readonly #services: boolean;

  /** @param services with the system under test as pods (kind `node`). */
  constructor(kind: ClusterKind = 'kwok', services = false) {
    super();
    this.#kind = kind;
    this.#services = services;
  }

  readonly context: ToolContext = {
    places: { cache, state: this.state },
    env: process.env,
    progress: () => undefined,
  };
  #cluster: ClusterState | undefined;
  #access: ClusterAccess | undefined;
  #admin: KubeClient | undefined;
  #identity = '';
  readonly #suffix = randomBytes(3).toString('hex');
  /** What was made outside of our namespaces, and these themselves. */
  readonly #made: string[] = [];

  /** As runs on it are made out to. */
  get identity(): string {
    return this.#identity;
  }

  async up(): Promise<void> {
    if (user === null) {
      const request = { name: 'e2e', kind: this.#kind, services: this.#services };
      this.#cluster = await clusterUp(request, this.context);
    }
    this.#access = openKubeconfig(this.kubeconfigFile, this.contextName);
    this.#admin = new KubeClient(this.#access);
    this.#identity = (await readIdentity(this.#access)).identity;
  }

  async down(): Promise<void> {
    try {
      if (user !== null) await this.#removeAll();
    } finally {
      this.#admin?.close();
      if (user === null) await clusterDown('e2e', this.context);
    }
  }

  /** On the user's cluster no other namespace has this name. */
  namespace(name: string): string {
    return user === null ? name : `gauntlet-e2e-${name}-${this.#suffix}`;
  }

  get contextName(): string {
    return user?.context ?? TEST_CONTEXT;
  }

  get kubeconfigFile(): string {
    return user?.kubeconfig ?? this.cluster.kubeconfig;
  }

  get server(): string {
    if (!this.#access) throw new Error('the cluster is not up');
    return this.#access.server;
  }

  async #removeAll(): Promise<void> {
    for (const path of this.#made) {
      await this.admin.ask({ method: 'DELETE', path, what: `remove ${path}` }).catch(unlessGone);
    }
    const until = Date.now() + GONE_MS;
    for (const path of this.#made) {
      for (;;) {
        const left = await this.admin
          .ask({ method: 'GET', path, what: `look for ${path}` })
          .catch(unlessGone);
        if (left === null) break;
        if (Date.now() > until) throw new Error(`${path} is still there: remove it by hand`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  get cluster(): ClusterState {
    if (!this.#cluster) throw new Error('the cluster is not up');
    return this.#cluster;
  }

  get admin(): KubeClient {
    if (!this.#admin) throw new Error('the cluster is not up');
    return this.#admin;
  }

  /** @throws on the user's cluster for a namespace that was not made here. */
  async create(path: string, body: object): Promise<void> {
    const namespace = /\/namespaces\/([^/]+)/.exec(path)?.[1];
    const own = `/api/v1/namespaces/${namespace}`;
    if (user !== null && namespace !== undefined && !this.#made.includes(own)) {
      throw new Error(`${path}: not a namespace of these tests`);
    }
    // Before the request: an answer that is lost leaves the object all the same.
    const { metadata } = body as { metadata?: { name?: string } };
    if (namespace === undefined) this.#made.push(`${path}/${metadata?.name}`);
    await this.admin.ask({ method: 'POST', path, what: `create at ${path}`, body });
  }

  /** A namespace with one Deployment and its Service, all pods ready. */
  async app(
    name: string,
    replicas: number,
    labels: Record<string, string> = OPT_IN,
    waitMs = WAIT_MS,
  ): Promise<PodSelector> {
    const namespace = this.namespace(name);
    await this.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
    const match = { 'app.kubernetes.io/name': 'web' };
    await this.create(`/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: 'web' },
      spec: { selector: match, ports: [{ port: 80 }] },
    });
    await this.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: match },
        template: { metadata: { labels: match }, spec: { containers: [{ name: 'c', image: IMAGE }] } },
      },
    });
    const where = { namespace, selector: 'app.kubernetes.io/name=web' };
    await this.#rolledOut(`/apis/apps/v1/namespaces/${namespace}/deployments/web`, replicas, waitMs);
    return where;
  }

  /** Asks the Deployment and not for its pods: 5,000 of them would be listed all the time. */
  async #rolledOut(path: string, replicas: number, waitMs: number): Promise<void> {
    const until = Date.now() + waitMs;
    for (;;) {
      const what = 'read the deployment';
      const { body } = await this.admin.ask<{ status: { readyReplicas?: number } }>({
        method: 'GET',
        path,
        what,
      });
      const ready = body.status.readyReplicas ?? 0;
      if (ready === replicas) return;
      if (Date.now() > until) throw new Error(`${ready} of ${replicas} pods are ready`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** The pods, once so many are ready and none is leaving. */
  async ready(where: PodSelector, count: number, waitMs = WAIT_MS): Promise<readonly PodRecord[]> {
    const until = Date.now() + waitMs;
    for (;;) {
      const { items } = await listPods(this.admin, where);
      if (items.length === count && items.every((one) => one.isReady)) return items;
      if (Date.now() > until)
        throw new Error(`${items.filter((one) => one.isReady).length} of ${count} pods are ready`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** A kubeconfig like the administrator's, with a bearer token instead of a certificate, and another server if given. */
  kubeconfig(name: string, user: object, server = this.server): string {
    const file = join(this.folder, `${name}.kubeconfig`);
    const { caFile, caData, skipTLSVerify, tlsServerName } = this.#access?.cluster ?? {};
    const cluster = {
      server,
      'certificate-authority': caFile,
      'certificate-authority-data': caData,
      'insecure-skip-tls-verify': skipTLSVerify,
      'tls-server-name': tlsServerName,
    };
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user }],
        contexts: [{ name: this.contextName, context: { cluster: 'c', user: 'u' } }],
      }),
    );
    return file;
  }

  adminUser(): object {
    const pki = (file: string): string => join(this.cluster.folder, 'pki', file);
    return { 'client-certificate': pki('admin.crt'), 'client-key': pki('admin.key') };
  }

  async tokenOf(namespace: string, account: string): Promise<string> {
    const { body } = await this.admin.ask<{ status: { token: string } }>({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      what: 'make a token',
      body: { spec: { expirationSeconds: 600 } },
    });
    return body.status.token;
  }

  /** Signed by the cluster's own key and over since an hour: nothing but its time is wrong. */
  expired(token: string): string {
    const [head = '', claims = ''] = token.split('.');
    const then = Math.floor(Date.now() / 1000) - 3600;
    const old = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
    const late = Buffer.from(JSON.stringify({ ...old, iat: then - 600, nbf: then - 600, exp: then }));
    const text = `${head}.${late.toString('base64url')}`;
    const key = createPrivateKey(readFileSync(join(this.cluster.folder, 'pki', 'sa.key')));
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }

  /** @param more of the `kubernetes` block. */
  target(
    name: string,
    services: Record<string, PodSelector>,
    kubeconfig = this.kubeconfigFile,
    more: object = {},
  ): string {
    const file = join(this.folder, `${name}.yaml`);
    const block = { context: this.contextName, kubeconfig, services, ...more };
    writeFileSync(
      file,
      JSON.stringify({ name, platform: 'kubernetes', kubernetes: block, policy: { optIn: true } }),
    );
    return file;
  }

  platform(services: Record<string, PodSelector>, kubeconfig = this.kubeconfigFile): KubePlatform {
    return openKubePlatform({
      platform: 'kubernetes',
      identity: this.#identity,
      kubernetes: { kubeconfig, context: this.contextName, services },
    });
  }
}

/** 404: what should be gone is. */
function unlessGone(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
