/** The identity of a target: an entry of a kubeconfig or the pod's own account, and never one in place of the other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccess, sayAccess } from '../../../../src/kube/client/cluster-access.ts';
import { credentials } from '../../../../src/kube/client/credentials.ts';
import { placesFrom } from '../../../../src/system/places.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-account-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NONE = '/no/such/kubeconfig';
const tokenOf = (round: number): string => {
  const payload = { sub: 'system:serviceaccount:gauntlet:chaos', round };
  return `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.sig`;
};
function pod() {
  writeFileSync(join(folder, 'token'), `${tokenOf(1)}\n`);
  writeFileSync(join(folder, 'ca.crt'), 'CA');
  return { server: 'https://10.96.0.1:443', folder };
}
function kubeconfig(...contexts: readonly string[]): string {
  const file = join(folder, 'kubeconfig');
  const clusters = [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }];
  const listed = contexts.map((name) => ({ name, context: { cluster: 'c' } }));
  writeFileSync(file, JSON.stringify({ clusters, contexts: listed, users: [] }));
  return file;
}

describe('the account of a pod', () => {
  it('is used for in-cluster, with its authority, and its token read anew for each request', async () => {
    const access = openAccess({ kubeconfig: NONE, context: 'in-cluster', pod: pod() });
    expect(access.server).toBe('https://10.96.0.1:443');
    expect(await credentials(access)).toEqual({
      headers: { Authorization: `Bearer ${tokenOf(1)}` },
      ca: Buffer.from('CA'),
    });
    writeFileSync(join(folder, 'token'), tokenOf(2));
    expect((await credentials(access)).headers).toEqual({ Authorization: `Bearer ${tokenOf(2)}` });
  });

  it('is named, as is any other identity', () => {
    expect(sayAccess({ kubeconfig: NONE, context: 'in-cluster', pod: pod() })).toBe(
      'the account of this pod (system:serviceaccount:gauntlet:chaos), its token read anew for each request',
    );
    expect(sayAccess({ kubeconfig: '/k', context: 'staging', pod: pod() })).toBe('context staging of /k');
  });

  it('is never used for another context, and a kubeconfig never for in-cluster', () => {
    expect(() => openAccess({ kubeconfig: NONE, context: 'staging', pod: pod() })).toThrow(
      'in a pod, context: in-cluster is its own account.',
    );
    const both = { kubeconfig: kubeconfig('staging', 'in-cluster'), context: 'in-cluster', pod: pod() };
    expect(() => openAccess(both)).toThrow(
      `kubernetes.context: expected one meaning of in-cluster, which is the account of this pod, got a context of that name in ${both.kubeconfig}, too. ` +
        'Rename that context, and write its new name here if it is the one that is meant.',
    );
    const other = { ...both, kubeconfig: kubeconfig('staging') };
    expect(openAccess(other).server).toBe('https://10.96.0.1:443');
  });

  it('is refused where there is none', () => {
    expect(() => openAccess({ kubeconfig: NONE, context: 'in-cluster' })).toThrow(
      'kubernetes.context: expected a pod with an account of its own around this process, for in-cluster, got none ' +
        '(KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set). Write a context of the kubeconfig.',
    );
    const empty = { server: 'https://10.96.0.1:443', folder: '/no/such' };
    expect(() => openAccess({ kubeconfig: NONE, context: 'in-cluster', pod: empty })).toThrow(
      'kubernetes.context: expected a readable file /no/such/token, for in-cluster, got ENOENT',
    );
  });

  it('is where the kubelet says', () => {
    const env = { HOME: '/h', KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(placesFrom(env).pod).toEqual({
      server: 'https://[fd00::1]:443',
      folder: '/var/run/secrets/kubernetes.io/serviceaccount',
    });
    expect(placesFrom({ HOME: '/h' }).pod).toBeUndefined();
  });
});
