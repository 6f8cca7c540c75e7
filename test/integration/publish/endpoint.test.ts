/** What a user sees of a receiver that cannot be reached, and of secrets: words for each mistake, never a value. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import type { Receivers } from '../../../src/core/receivers.ts';
import { ms } from '../../../src/core/units.ts';
import { publishNight } from '../../../src/run/publish/publish-night.ts';
import { stubServer } from '../../fakes/receivers/stub-server.ts';
import { alone, night, type Rig, rig } from './rig.ts';

let own: Rig;
beforeEach(() => {
  own = rig();
});
afterEach(() => own.close());

const metrics = (url: string): Receivers => ({
  pushgateway: { url: { from: 'text', url }, token: null, insecure: false },
});
const PASS = alone(night(10, 'PASS'));
const why = async (url: string, given = {}): Promise<string> => {
  const [told] = await own.push(metrics(url), PASS, given);
  expect(told?.status).toBe('failed');
  return told?.text.replace(/^pushgateway \([^)]*\): /, '') ?? '';
};
const refused = async (receivers: Receivers): Promise<string> => {
  const error = await own.push(receivers, PASS).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GauntletError);
  expect((error as GauntletError).kind).toBe('usage');
  return (error as GauntletError).message;
};

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a receiver that gives no answer', () => {
  it('is down: nothing listens there', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await why(`http://127.0.0.1:${port}`)).toBe(
      'nothing listens at its address (ECONNREFUSED). Check host and port in its URL, and that it is up.',
    );
    expect(own.clock.waited).toEqual([1000, 2000]);
  });

  it('has a name that does not resolve, which no second attempt changes', async () => {
    expect(await why('http://pushgateway.invalid:9091')).toMatch(
      /^(its name does not resolve \(ENOTFOUND\)|the DNS does not answer \(EAI_AGAIN\))\. Check/,
    );
  });

  it('has a port that HTTP clients refuse', async () => {
    expect(await why('http://127.0.0.1:6000')).toBe(
      'its port belongs to another protocol, and HTTP clients refuse it. Choose another port.',
    );
  });

  it('speaks no TLS', async () => {
    const stub = await stubServer(() => ({ status: 200 }));
    try {
      expect(await why(stub.base.replace('http', 'https'))).toBe(
        'TLS failed: it does not speak TLS at this port. Begin its URL with http://, or use its port for https.',
      );
      expect(own.clock.waited).toEqual([]);
    } finally {
      await stub.close();
    }
  });

  it('has a certificate that nobody vouches for, and is sent nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-tls-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const files = ['-keyout', key, '-out', cert, '-subj', '/CN=127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...files], { stdio: 'ignore' });
    let requests = 0;
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
      requests += 1;
      response.end();
    });
    try {
      expect(await why(`https://127.0.0.1:${await listening(server)}`)).toBe(
        'TLS failed: its certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT). Check its certificate and the clock of this machine; for a private authority set NODE_EXTRA_CA_CERTS=ca.pem.',
      );
      expect(requests).toBe(0);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('speaks another protocol, says nothing in time, or never ends', async () => {
    const answers = ['SSH-2.0-OpenSSH_9.2\r\n', null, 'HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n'];
    const sockets = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => {
        const answer = answers[0];
        if (answer === null || answer === undefined) return;
        socket.write(answer);
        if (answer.startsWith('HTTP')) socket.write('x'.repeat(3_000_000));
      });
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    try {
      expect(await why(url)).toBe('its answer is not HTTP. Check the port in its URL.');
      answers.shift();
      expect(await why(url, { timeoutMs: ms(50) })).toBe(
        'no answer within 0.05 s. Check that it is up and can be reached from here; proxies of the environment are not used.',
      );
      answers.shift();
      expect(await why(url)).toBe(
        'it answered with more than 1,048,576 bytes. Check that the URL is its own.',
      );
    } finally {
      for (const one of sockets) one.destroy();
      server.close();
    }
  });

  it('is left when the push is interrupted', async () => {
    const stub = await stubServer(() => ({ status: 503 }));
    const controller = new AbortController();
    const clock = { ...own.clock, sleep: async () => controller.abort(new Error('SIGINT')) };
    try {
      const given = { signal: controller.signal, clock };
      await expect(own.push(metrics(stub.base), PASS, given)).rejects.toThrow('SIGINT');
      expect(stub.asked).toHaveLength(1);
    } finally {
      await stub.close();
    }
  });
});

describe('the secrets of a receiver', () => {
  const env = (name: string) => ({ from: 'env', name }) as const;

  it('are named when they are missing, with the name that was probably meant', async () => {
    own.env['SLACK_WEBHOK'] = 'https://hooks.slack.com/services/T/B/4f1c0a526f1c';
    const webhook = { url: env('SLACK_WEBHOOK'), format: 'slack', token: null, insecure: false } as const;
    expect(await refused({ webhook })).toBe(
      'webhook: url: expected a value in the environment variable SLACK_WEBHOOK (env:SLACK_WEBHOOK), got nothing. Did you mean SLACK_WEBHOK? Set it, for example: SLACK_WEBHOOK=... gauntlet push ...',
    );
  });

  it('are all named at once', async () => {
    const token = env('GRAFANA_TOKEN');
    const grafana = { url: env('GRAFANA_URL'), token, dashboard: null, insecure: false };
    const webhook = { url: env('SLACK_WEBHOOK'), format: 'slack', token: null, insecure: false } as const;
    expect((await refused({ grafana, webhook })).split('\n').map((one) => one.split(',')[0])).toEqual([
      'grafana: url: expected a value in the environment variable GRAFANA_URL (env:GRAFANA_URL)',
      'webhook: url: expected a value in the environment variable SLACK_WEBHOOK (env:SLACK_WEBHOOK)',
    ]);
  });

  it('come from a file too, whose last line break does not count', async () => {
    const stub = await stubServer(() => ({ status: 200 }));
    const file = join(own.state, 'token');
    writeFileSync(file, '4f1c0a526f1c\n');
    try {
      const url = { from: 'text', url: stub.base } as const;
      const token = { from: 'file', name: file } as const;
      await own.push({ pushgateway: { url, token, insecure: false } }, PASS);
      expect(stub.asked[0]?.headers.authorization).toBe('Bearer 4f1c0a526f1c');
      writeFileSync(file, 'two\nlines\n');
      const said = await refused({ pushgateway: { url, token, insecure: false } });
      expect(said).toBe(
        `pushgateway: expected a token in file:${file} of ASCII letters, digits and punctuation without blanks, got one with a blank, a line break or another character. The cause is often a file with line breaks: remove them.`,
      );
    } finally {
      await stub.close();
    }
  });

  it('do not leave this machine in the clear, unless that is allowed', async () => {
    own.env['TOKEN'] = '4f1c0a526f1c';
    const url = { from: 'text', url: 'http://push.invalid:9091' } as const;
    const token = env('TOKEN');
    expect(await refused({ pushgateway: { url, token, insecure: false } })).toBe(
      'pushgateway: expected https, since its token, password or URL is a secret, got plain http to push.invalid:9091. Use https, or allow it with insecure: true (--insecure), such as inside a cluster.',
    );
    const [told] = await own.push({ pushgateway: { url, token, insecure: true } }, PASS);
    expect(told?.text).toContain('http://push.invalid:9091');
  });

  it('that are no URL are not repeated', async () => {
    own.env['HOOK'] = 'hooks.slack.com/services/T/B/4f1c0a526f1c';
    const webhook = { url: env('HOOK'), format: 'slack', token: null, insecure: false } as const;
    expect(await refused({ webhook })).toBe(
      'webhook: expected a URL in env:HOOK that begins with https:// or http://, got something else.',
    );
  });
});

describe('a night', () => {
  it('is pushed to every receiver, also when one is down and one has no secret', async () => {
    const stub = await stubServer(() => ({ status: 200 }));
    const url = { from: 'text', url: stub.base } as const;
    const receivers: Receivers = {
      ...metrics('http://127.0.0.1:6000'),
      grafana: { url, token: { from: 'env', name: 'NONE' }, dashboard: null, insecure: false },
      webhook: { url: { from: 'env', name: 'HOOK' }, format: 'json', token: null, insecure: false },
    };
    own.env['HOOK'] = `${stub.base}/4f1c0a526f1c`;
    try {
      const told = await publishNight(own.request(receivers, alone(night(10, 'FAIL'))));
      expect(told.map((one) => `${one.receiver} ${one.status}`)).toEqual([
        'pushgateway failed',
        'grafana failed',
        'webhook pushed',
      ]);
      expect(told[1]?.text).toContain('expected a value in the environment variable NONE');
    } finally {
      await stub.close();
    }
  });
});
