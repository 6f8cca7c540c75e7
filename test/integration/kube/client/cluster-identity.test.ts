/** Against a real HTTPS server on loopback: what matters is what is sent, and when. */
import { createServer } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../../../../src/kube/client/client.ts';
import { accessTo, expectCluster, readIdentity } from '../../../../src/kube/client/cluster-identity.ts';
import type { ClusterAccess } from '../../../../src/kube/client/kubeconfig.ts';
import { type TlsApi, tlsApi } from '../../../fakes/tls-api.ts';

const UID = '0f0e0d0c-1111-2222-3333-444444444444';
const OTHER = '99999999-1111-2222-3333-444444444444';
let api: TlsApi;
let access: ClusterAccess;
let asked: string[] = [];
/** Of kube-system; a number = that status. */
let answer: unknown;

beforeAll(async () => {
  api = await tlsApi((tls) =>
    createServer(tls, (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const isSpace = request.url === '/api/v1/namespaces/kube-system';
      const status = isSpace && typeof answer === 'number' ? answer : 200;
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(isSpace && typeof answer !== 'number' ? answer : {}));
    }),
  );
  access = api.access;
});
afterAll(() => api.close());
beforeEach(() => {
  asked = [];
  answer = { metadata: { uid: UID } };
});

const address = (): string => `kubernetes:${new URL(access.server).host}`;

describe('the identity of a cluster', () => {
  it('is the uid of its namespace kube-system, whatever its address', async () => {
    expect(await readIdentity(access)).toEqual({ identity: `kubernetes:${UID}`, uid: UID });
  });

  it.each([[403], [404], [{}], [{ metadata: { uid: 7 } }], [{ metadata: { uid: '../x' } }]])(
    'is its address where the uid cannot be read (%j)',
    async (said) => {
      answer = said;
      expect(await readIdentity(access)).toEqual({ identity: address(), uid: null });
    },
  );

  it('is not known while the server does not answer', async () => {
    answer = 500;
    await expect(readIdentity(access)).rejects.toThrow('get namespace kube-system at');
  });

  it('is held to what the target file names', async () => {
    expect((await expectCluster(access, UID)).uid).toBe(UID);
    await expect(expectCluster(access, OTHER)).rejects.toThrow(
      `kubernetes.cluster of context x: expected ${OTHER}, got ${UID}. This context leads to another cluster (${access.server}). Nothing was touched.`,
    );
    answer = 403;
    await expect(expectCluster(access, UID)).rejects.toThrow(
      `kubernetes.cluster of context x: expected ${UID}, got no uid of namespace kube-system at ${access.server}. ` +
        'It requires get on namespace kube-system: gauntlet rbac <target> prints that permission.',
    );
  });
});

describe('an access to one cluster', () => {
  const pods = { method: 'GET', path: '/pods', what: 'list pods' } as const;

  it('asks who it is before the first request, and once', async () => {
    const client = new KubeClient(accessTo(access, `kubernetes:${UID}`));
    await client.ask(pods);
    await client.ask(pods);
    client.close();
    expect(asked).toEqual(['GET /api/v1/namespaces/kube-system', 'GET /pods', 'GET /pods']);
  });

  it('sends nothing else to another cluster', async () => {
    const client = new KubeClient(accessTo(access, `kubernetes:${OTHER}`));
    const act = client.ask({ method: 'DELETE', path: '/pods/a', what: 'delete pod a' });
    await expect(act).rejects.toThrow(`context x: expected kubernetes:${OTHER}, got kubernetes:${UID}.`);
    client.close();
    expect(asked).toEqual(['GET /api/v1/namespaces/kube-system']);
  });

  it('asks again after it got no answer', async () => {
    const client = new KubeClient(accessTo(access, `kubernetes:${UID}`));
    answer = 500;
    await expect(client.ask(pods)).rejects.toThrow('get namespace kube-system');
    answer = { metadata: { uid: UID } };
    await client.ask(pods);
    client.close();
    expect(asked.at(-1)).toBe('GET /pods');
    expect(asked.filter((one) => one === 'GET /pods')).toHaveLength(1);
  });

  it('known by its address only is compared at once', () => {
    expect(accessTo(access, address())).toBe(access);
    expect(() => accessTo(access, 'kubernetes:other:6443')).toThrow(
      'context x: expected kubernetes:other:6443',
    );
  });
});
