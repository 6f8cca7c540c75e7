import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentials } from '../../../src/kube/credentials.ts';
import { openKubePlatform } from '../../../src/kube/kube-platform.ts';
import { clusterIdentity, openKubeconfig } from '../../../src/kube/kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, server: string, user: object, context = 'staging'): string {
  const file = join(folder, name);
  const clusters = [
    { name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from('CA').toString('base64') } },
  ];
  const contexts = [{ name: context, context: { cluster: 'c', user: 'u' } }];
  writeFileSync(file, JSON.stringify({ clusters, contexts, users: [{ name: 'u', user }] }));
  return file;
}

describe('a kubeconfig', () => {
  it('leads from the named context to server and credentials; paths are meant beside the file', async () => {
    writeFileSync(join(folder, 'me.crt'), 'CERT');
    const user = { 'client-certificate': 'me.crt', 'client-key-data': Buffer.from('KEY').toString('base64') };
    const access = openKubeconfig(write('k', 'https://10.0.0.1:6443/', user), 'staging');
    expect(access.server).toBe('https://10.0.0.1:6443');
    expect(clusterIdentity(access)).toBe('kubernetes:10.0.0.1:6443');
    expect(await credentials(access)).toMatchObject({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
    });
  });

  it('gives a bearer token, and the token of an exec plugin', async () => {
    const plain = openKubeconfig(write('k', 'https://h', { token: 'T' }), 'staging');
    expect((await credentials(plain)).headers).toEqual({ Authorization: 'Bearer T' });
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'X' },
    };
    const exec = { command: '/bin/echo', args: [JSON.stringify(credential)], interactiveMode: 'Never' };
    const plugin = openKubeconfig(write('k2', 'https://h', { exec }), 'staging');
    expect((await credentials(plugin)).headers).toEqual({ Authorization: 'Bearer X' });
  });

  it('of several files takes the first entry of a name, as kubectl does', () => {
    const [one, two] = [write('1', 'https://first', {}), write('2', 'https://second', {})];
    expect(openKubeconfig(`${one}${delimiter}${two}`, 'staging').server).toBe('https://first');
  });

  it('that has no such context says which there are', () => {
    const file = write('k', 'https://h', {});
    expect(() => openKubeconfig(file, 'stagin')).toThrow(
      'kubernetes.context: expected one of staging, got "stagin". Did you mean staging?',
    );
  });

  it('that cannot be read says where to name another', () => {
    const file = join(folder, 'none');
    expect(() => openKubeconfig(file, 'staging')).toThrow(
      `kubeconfig ${file}: expected a kubeconfig that can be read, got ENOENT: no such file or directory, open '${file}'. ` +
        'Name it in the target file (kubernetes.kubeconfig) or in KUBECONFIG.',
    );
  });

  it('with a server that is not https is refused: a fault is not sent in the clear', () => {
    const file = write('k', 'http://h', {});
    expect(() => openKubeconfig(file, 'staging')).toThrow(
      `${file}: expected a cluster with an https server and a user for context staging, got an incomplete entry.`,
    );
  });

  it('that leads to another cluster than the journal names is refused', () => {
    const kubeconfig = write('k', 'https://other:6443', {});
    const kubernetes = { kubeconfig, context: 'staging', services: {} };
    const handle = { platform: 'kubernetes', identity: 'kubernetes:one:6443', kubernetes } as const;
    expect(() => openKubePlatform(handle)).toThrow(
      'context staging: expected kubernetes:one:6443, got kubernetes:other:6443. ' +
        'This kubeconfig leads elsewhere than the one the journal was written with.',
    );
  });
});
