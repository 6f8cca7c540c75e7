/** Tokens of a real authorization server in real runs: renewed in every VU, refused, expired; and never to be seen. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenServer } from '../support/token-server.ts';
import { Bench, type Finished } from './support/gauntlet.ts';

const SECRET = 'client-secret-9fQ.kz2~may+nobody/see';
const servers: TokenServer[] = [];

interface Case {
  readonly server: TokenServer;
  readonly bench: Bench;
  readonly out: string;
  readonly finished: Promise<Finished>;
}

const OURS = 'scenario: gateway-intentions';
const SCRIPT = `import http from 'k6/http';
export default () => {
  const headers = { Authorization: 'Bearer ' + globalThis.gauntletToken() };
  http.post(__ENV.BASE_URL + '/buy', '{}', { headers });
};
`;

/** A run of its own state and target, so that all of them can run at once. */
async function begin(
  livesS: number,
  rate: string,
  baseline: string,
  secret = SECRET,
  load = OURS,
): Promise<Case> {
  const server = await new TokenServer({ clientId: 'gauntlet', clientSecret: SECRET, livesS }).start();
  servers.push(server);
  const bench = new Bench();
  const { folder } = bench;
  const [campaign, target] = [join(folder, 'tokens.yaml'), join(folder, 'target.yaml')];
  writeFileSync(
    campaign,
    `name: tokens\nload:\n  - { ${load}, rate: ${rate} }\nwarmup: 3s\nbaseline: ${baseline}\n`,
  );
  writeFileSync(join(folder, 'foreign.js'), SCRIPT);
  writeFileSync(join(folder, 'client.secret'), `${secret}\n`);
  const auth = `{ tokenUrl: "${server.tokenUrl}", clientId: gauntlet, clientSecret: "file:client.secret" }`;
  writeFileSync(
    target,
    `name: tokens\nplatform: none\ngateway: { url: "${server.url}" }\nauth:\n  clientCredentials: ${auth}\n`,
  );
  const out = join(folder, 'out');
  const finished = bench.run('run', campaign, '--target', target, '--out', out);
  return { server, bench, out, finished };
}

afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** Every file of a run, and both streams. */
function everythingOf({ out }: Case, run: Finished): string {
  const all = readdirSync(out, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const texts = all.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'));
  return [run.stdout, run.stderr, ...texts].join('\n');
}

const commandLines = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .join('\n');

function holdsNothing(text: string, { server }: Case): void {
  for (const secret of [SECRET, ...server.issued.map((one) => one.token)]) {
    expect(text).not.toContain(secret.slice(4, 20));
    expect(text).not.toContain(secret.slice(-12));
  }
  expect(text).not.toContain(Buffer.from(`gauntlet:${SECRET}`).toString('base64').slice(14, 34));
}

describe('tokens of client credentials', () => {
  let [renewed, wrong, revoked, expired, foreign]: readonly Case[] = [];
  const seen: string[] = [];

  beforeAll(async () => {
    renewed = await begin(20, '20/s', '34s');
    wrong = await begin(20, '20/s', '4s', 'not-the-secret-of-this-client');
    revoked = await begin(300, '10/s', '12s');
    expired = await begin(6, '10/s', '12s');
    const script = `script: ./foreign.js, env: { BASE_URL: "$\{gateway.address}" }`;
    foreign = await begin(10, '5/s', '20s', SECRET, script);
    const looking = setInterval(() => seen.push(commandLines()), 2000);
    const mischief = setInterval(() => {
      // The first renewal meets an endpoint that is away for three questions; another one is away for good.
      if (renewed?.server.asked.length === 1) renewed.server.down = 3;
      if (expired?.server.issued.length === 1) expired.server.down = Number.POSITIVE_INFINITY;
      if ((revoked?.server.shop.good ?? 0) > 30 && revoked) revoked.server.isRevoked = true;
    }, 20);
    await Promise.all([renewed, wrong, revoked, expired, foreign].map(async (one) => await one?.finished));
    clearInterval(looking);
    clearInterval(mischief);
  }, 180_000);

  it('that live 20 s fail no request of a run of 40 s, though the endpoint is away at a renewal', async () => {
    const { server, finished } = renewed as Case;
    const { stdout, stderr } = await finished;
    expect(server.shop, stdout + stderr).toMatchObject({ expired: 0, unknown: 0 });
    expect(server.shop.good).toBeGreaterThan(500);
    expect(server.issued.length).toBeGreaterThanOrEqual(3);
    // One client, whatever the number of VUs: its own retries, and no more.
    expect(server.asked.length).toBe(server.issued.length + 3);
    expect(stdout + stderr).toContain("the run's own token was not renewed, and is valid for another");
    expect(stdout).not.toContain('token-');
  });

  it('are in no file, on no stream and on no command line, as the secret', async () => {
    for (const one of [renewed, revoked, expired, foreign] as Case[]) {
      holdsNothing(everythingOf(one, await one.finished), one);
      expect(seen.length).toBeGreaterThan(3);
      holdsNothing(seen.join('\n'), one);
    }
  });

  it('are refused to a wrong secret before any load, in the words of the endpoint', async () => {
    const one = wrong as Case;
    const { code, stdout, stderr } = await one.finished;
    expect(code, stdout + stderr).toBe(69);
    expect(stderr).toContain(
      `target tokens: token endpoint ${new URL(one.server.url).host}: expected a token for the client gauntlet, got HTTP 401: ` +
        'unauthorized_client: Invalid client or Invalid client credentials ([file:client.secret]). Check clientId and clientSecret, ' +
        'and that the client may use client credentials.',
    );
    expect(one.server.shop).toEqual({ good: 0, expired: 0, unknown: 0 });
  });

  it('that the target refuses make the run INVALID, and no failure of the target', async () => {
    const { code, stdout, stderr } = await (revoked as Case).finished;
    expect(code, stdout + stderr).toBe(4);
    expect(stdout).toContain(
      "requests were refused with the run's own token, which is no failure of the target",
    );
  });

  it('that expire and cannot be renewed end the run as INVALID, by name', async () => {
    const { server, finished } = expired as Case;
    const { code, stdout, stderr } = await finished;
    expect(code, stdout + stderr).toBe(4);
    expect(stdout).toContain(
      "the run's own token expired and was not renewed: closed the connection without an answer",
    );
    expect(server.shop).toMatchObject({ expired: 0, unknown: 0 });
  });

  it('reach a foreign script by gauntletToken(), and are renewed there too', async () => {
    const { server, finished } = foreign as Case;
    const { stdout, stderr } = await finished;
    expect(server.shop, stdout + stderr).toMatchObject({ expired: 0, unknown: 0 });
    expect(server.shop.good).toBeGreaterThan(80);
    expect(server.issued.length).toBeGreaterThanOrEqual(3);
  });
});
