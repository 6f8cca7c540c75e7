import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressIdentity } from '../../../../src/kube/client/cluster-identity.ts';
import { credentials } from '../../../../src/kube/client/credentials.ts';
import { forgetExecCredential } from '../../../../src/kube/client/exec-plugin.ts';
import { openKubeconfig } from '../../../../src/kube/client/kubeconfig.ts';
import { openKubePlatform } from '../../../../src/kube/kube-platform.ts';

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
  it('resolves the named context to server and credentials; paths are relative to the file', async () => {
    writeFileSync(join(folder, 'me.crt'), 'CERT');
    const user = { 'client-certificate': 'me.crt', 'client-key-data': Buffer.from('KEY').toString('base64') };
    const access = openKubeconfig(write('k', 'https://10.0.0.1:6443/', user), 'staging');
    expect(access.server).toBe('https://10.0.0.1:6443');
    expect(addressIdentity(access)).toBe('kubernetes:10.0.0.1:6443');
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
    const by = exec({ command: '/bin/echo', args: [JSON.stringify(credential)] });
    const plugin = openKubeconfig(write('k2', 'https://h', by), 'staging');
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
      `kubeconfig ${file}: expected a readable kubeconfig, got ENOENT: no such file or directory, open '${file}'. ` +
        'Name it in the target file (kubernetes.kubeconfig) or in KUBECONFIG; in a pod, context: in-cluster is its own account.',
    );
  });

  it('with a server that is not https is refused: a fault is not sent in the clear', () => {
    const file = write('k', 'http://h', {});
    expect(() => openKubeconfig(file, 'staging')).toThrow(
      /^.*k:1:\d+: server: expected an https URL, got "http:\/\/h"\.$/,
    );
  });

  it('that leads to another cluster than the journal names is refused', () => {
    const kubeconfig = write('k', 'https://other:6443', {});
    const kubernetes = { kubeconfig, context: 'staging', services: {} };
    const handle = { platform: 'kubernetes', identity: 'kubernetes:one:6443', kubernetes } as const;
    expect(() => openKubePlatform(handle)).toThrow(
      'context staging: expected kubernetes:one:6443, got kubernetes:other:6443. ' +
        'This kubeconfig leads elsewhere than the one the journal was written with, or its user may not read the uid. ' +
        'It requires get on namespace kube-system: gauntlet rbac <target> prints that permission.',
    );
  });

  it('of several files passes over those that are not there, as kubectl does; alone it must be there', () => {
    const [none, one] = [join(folder, 'none'), write('1', 'https://first', {})];
    expect(openKubeconfig([none, one].join(delimiter), 'staging').server).toBe('https://first');
    expect(openKubeconfig([one, none].join(delimiter), 'staging').server).toBe('https://first');
    expect(() => openKubeconfig([none, none].join(delimiter), 'staging')).toThrow(/got ENOENT/);
    writeFileSync(none, 'clusters: [');
    expect(() => openKubeconfig([one, none].join(delimiter), 'staging')).toThrow(
      /none:1:\d+: YAML: expected valid YAML/,
    );
  });

  it('takes a context, its cluster and its user from different files', () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(a, 'contexts: [{ name: x, context: { cluster: c, user: u } }]');
    writeFileSync(
      b,
      'clusters: [{ name: c, cluster: { server: "https://h" } }]\nusers: [{ name: u, user: { token: 12345 } }]',
    );
    expect(openKubeconfig([a, b].join(delimiter), 'x')).toMatchObject({
      server: 'https://h',
      user: { token: '12345' },
    });
  });

  it('does not look at what other contexts use', () => {
    const file = write('k', 'https://h', { token: 'T' });
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    whole.clusters.push({ name: 'other', cluster: {} }, {});
    whole.users.push({ name: 'other', user: { tokenfile: 'x' } });
    writeFileSync(file, JSON.stringify(whole));
    expect(openKubeconfig(file, 'staging').user.token).toBe('T');
  });
});

const PEM = Buffer.from('PEM').toString('base64');
const exec = (more: object) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'true', interactiveMode: 'Never', ...more },
});

describe('a field of a kubeconfig that cannot be obeyed is named, and its value is not shown', () => {
  it.each<[string, object, string]>([
    ['token-file', { 'token-file': 'x' }, 'user u: expected one of'],
    ['tokenfile', { tokenfile: 'x' }, 'Did you mean tokenFile?'],
    ['impersonate', { impersonate: 'x' }, 'user u: expected one of'],
    ['tokenFile, absent', { tokenFile: 'none.txt' }, 'tokenFile: expected a readable file, got ENOENT'],
    [
      'client-certificate, absent',
      { 'client-certificate': 'none', 'client-key-data': PEM },
      'client-certificate: expected a readable file',
    ],
    [
      'client-certificate, both ways',
      { 'client-certificate-data': PEM, 'client-certificate': 'here', 'client-key-data': PEM },
      'user u: expected client-certificate or client-certificate-data, got both',
    ],
    [
      'client-certificate without key',
      { 'client-certificate-data': PEM },
      'user u: expected a client certificate with its key, got one of them',
    ],
    [
      'client-key-data',
      { 'client-certificate-data': PEM, 'client-key-data': '!secret!' },
      'client-key-data: expected base64, got something else',
    ],
    [
      'token and password',
      { token: 'secret', username: 'a', password: 'secret' },
      'user u: expected a token or username and password, got both',
    ],
    [
      'a token with a line end',
      { token: 'secret\nsecret' },
      'token: expected visible ASCII without blanks, as a header requires, got something else (not shown)',
    ],
    ['as-groups alone', { 'as-groups': ['g'] }, 'as-groups: expected a user to impersonate (as), got none'],
    [
      'as-groups as a text',
      { as: 'x', 'as-groups': 'g' },
      'as-groups: expected a list of texts, got a scalar',
    ],
    [
      'auth-provider of others',
      { 'auth-provider': { name: 'openstack' } },
      'auth-provider: expected one of oidc, gcp, azure, got openstack. Use an exec plugin.',
    ],
    [
      'exec and auth-provider',
      { ...exec({}), 'auth-provider': { name: 'oidc' } },
      'user u: expected exec or auth-provider, got both',
    ],
    [
      'exec of an old version',
      exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
      'exec.apiVersion: expected one of',
    ],
    [
      'exec that needs a terminal',
      exec({ interactiveMode: 'Always' }),
      'exec.interactiveMode: expected Never or IfAvailable: a run has no terminal to ask on, got "Always"',
    ],
    ['exec.arguments', exec({ arguments: ['secret'] }), 'exec key: expected one of apiVersion'],
  ])('%s', (_, user, words) => {
    writeFileSync(join(folder, 'here'), 'x');
    const file = write('k', 'https://h', user);
    const refused = () => openKubeconfig(file, 'staging');
    expect(refused).toThrow(words);
    expect(refused).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.not.stringContaining('secret') }),
    );
  });

  it.each<[string, object, string]>([
    ['ca', { ca: 'x' }, 'cluster c: expected one of server'],
    [
      'skip and a CA',
      { 'insecure-skip-tls-verify': true, 'certificate-authority-data': PEM },
      'insecure-skip-tls-verify: expected either this or a certificate authority, got both',
    ],
    [
      'both CAs',
      { 'certificate-authority': 'here', 'certificate-authority-data': PEM },
      'cluster c: expected certificate-authority or certificate-authority-data, got both',
    ],
    [
      'proxy-url',
      { 'proxy-url': 'ftp://user:secret@h' },
      'proxy-url: expected a URL that begins with http:, https: or socks5:, got another one',
    ],
  ])('%s', (_, cluster, words) => {
    writeFileSync(join(folder, 'here'), 'x');
    const file = write('k', 'https://h', {});
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    whole.clusters[0].cluster = { server: 'https://h', ...cluster };
    writeFileSync(file, JSON.stringify(whole));
    expect(() => openKubeconfig(file, 'staging')).toThrow(words);
  });

  it('names all of them at once, with line and column', () => {
    const file = join(folder, 'k');
    writeFileSync(
      file,
      'clusters:\n- name: c\n  cluster: { server: h, ca: x }\ncontexts:\n- name: staging\n  context: { cluster: c, user: none }\n',
    );
    expect(() => openKubeconfig(file, 'staging')).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ subject: 'server', place: { file, line: 3, column: 22 } }),
          expect.objectContaining({ subject: 'cluster c', place: { file, line: 3, column: 29 } }),
          expect.objectContaining({ subject: 'user of the context', place: { file, line: 6, column: 32 } }),
        ],
      }),
    );
  });
});

describe('what is sent to the API server', () => {
  const sent = async (user: object) =>
    await credentials(openKubeconfig(write('k', 'https://h', user), 'staging'));
  const answer = (status: object) => [
    '-c',
    `echo x >> ${join(folder, 'asked')}; echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}'`,
  ];
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').length / 2;

  it('is the token of a file beside the kubeconfig, read again for each request, before a token', async () => {
    writeFileSync(join(folder, 'tok.txt'), 'first\n');
    const access = openKubeconfig(
      write('k', 'https://h', { tokenFile: 'tok.txt', token: 'other' }),
      'staging',
    );
    expect((await credentials(access)).headers).toEqual({ Authorization: 'Bearer first' });
    writeFileSync(join(folder, 'tok.txt'), 'second');
    expect((await credentials(access)).headers).toEqual({ Authorization: 'Bearer second' });
    for (const bad of ['', 'secret\nsecret']) {
      writeFileSync(join(folder, 'tok.txt'), bad);
      await expect(credentials(access)).rejects.toThrow(
        'the token is empty or contains characters that a header cannot hold (not shown)',
      );
    }
  });

  it('is name and password, and the identity to impersonate', async () => {
    const user = {
      username: 'ana',
      password: 'p:w',
      as: 'bob',
      'as-uid': '7',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'Reason/é': ['x'] },
    };
    expect((await sent(user)).headers).toEqual({
      Authorization: `Basic ${Buffer.from('ana:p:w').toString('base64')}`,
      'Impersonate-User': 'bob',
      'Impersonate-Uid': '7',
      'Impersonate-Group': ['a', 'b'],
      'Impersonate-Extra-reason%2F%C3%A9': ['x'],
    });
  });

  it('is nothing for a context without a user', async () => {
    const file = write('k', 'https://h', {});
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    delete whole.contexts[0].context.user;
    writeFileSync(file, JSON.stringify(whole));
    expect((await credentials(openKubeconfig(file, 'staging'))).headers).toEqual({});
  });

  it('is what an exec plugin gives, which is asked once until it expires or is refused', async () => {
    const user = exec({ command: '/bin/sh', args: answer({ token: 'T' }) });
    const access = openKubeconfig(write('k', 'https://h', user), 'staging');
    for (const _ of [1, 2])
      expect((await credentials(access)).headers).toEqual({ Authorization: 'Bearer T' });
    expect(asked()).toBe(1);
    forgetExecCredential(access);
    await credentials(access);
    expect(asked()).toBe(2);
    const old = exec({
      command: '/bin/sh',
      args: answer({ token: 'T', expirationTimestamp: '2020-01-01T00:00:00Z' }),
    });
    const expired = openKubeconfig(write('k', 'https://h', old), 'staging');
    for (const _ of [1, 2]) await credentials(expired);
    expect(asked()).toBe(4);
  });

  it('tells an exec plugin the cluster when it asks for that, with its own variables, beside the kubeconfig', async () => {
    const script = `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" > ${join(folder, 'info')}\necho "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"clientCertificateData\\":\\"$MINE\\",\\"clientKeyData\\":\\"K\\"}}"\n`;
    writeFileSync(join(folder, 'plugin'), script, { mode: 0o755 });
    const user = exec({
      command: './plugin',
      env: [{ name: 'MINE', value: 'a b' }],
      provideClusterInfo: true,
    });
    expect(await sent(user)).toMatchObject({ cert: 'a b', key: 'K', headers: {} });
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: 'https://h', 'certificate-authority-data': Buffer.from('CA').toString('base64') },
      },
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'is not there',
      { command: 'no-such-plugin', installHint: 'Get it there.' },
      /^exec plugin no-such-plugin: exit code 127: .* Get it there\.$/,
    ],
    [
      'fails',
      { command: '/bin/sh', args: ['-c', 'echo why >&2; exit 3'] },
      /^exec plugin \/bin\/sh: exit code 3: why$/,
    ],
    ['prints for ever', { command: 'yes' }, /^exec plugin yes: more than 1,048,576 bytes$/],
    [
      'prints no JSON',
      { command: 'echo', args: ['secret'] },
      /^exec plugin echo: it printed text that is not JSON$/,
    ],
    [
      'prints something else',
      { command: 'echo', args: ['{}'] },
      /^exec plugin echo: it printed no ExecCredential of/,
    ],
    [
      'gives nothing',
      {
        command: '/bin/sh',
        args: [
          '-c',
          `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: {} })}'`,
        ],
      },
      /^exec plugin \/bin\/sh: it gave neither a token nor/,
    ],
  ])('is nothing at all when an exec plugin %s', async (_, plugin, words) => {
    await expect(sent(exec(plugin))).rejects.toThrow(words);
  });

  it('is nothing at all when an auth-provider has no token: not a request without credentials', async () => {
    await expect(sent({ 'auth-provider': { name: 'oidc', config: {} } })).rejects.toThrow(
      'auth-provider oidc gave no token: log in again, or use an exec plugin',
    );
  });
});
