/** `gauntlet init` against real sockets: what it sees of a service, and what it writes, or leaves alone. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageOf } from '../../../src/core/errors.ts';
import { type InitRequest, initStory } from '../../../src/run/init/init.ts';
import { copyState, libraryText, libraryWarning, writeLibrary } from '../../../src/run/init/library.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { recognise } from '../../../src/targets/recognise.ts';

let root: string;
const stops: (() => void)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gauntlet-init-'));
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  rmSync(root, { recursive: true, force: true });
});

async function listening(server: Server | HttpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers each connection by its first bytes. */
const server = (answer: (heard: Buffer) => Buffer | string | null) =>
  listening(
    createTcp((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const said = answer(chunk);
        if (said === null) socket.destroy();
        else if (said.length > 0) socket.write(said);
      });
    }),
  );

const shop = (paths: readonly string[]) =>
  listening(
    createServer((asked, answer) => {
      const path = asked.url ?? '/';
      const document = { paths: Object.fromEntries(paths.map((one) => [one, { get: {} }])) };
      const known = path === '/openapi.json' ? paths.length > 0 : paths.includes(path);
      answer.statusCode = known ? 200 : 404;
      answer.end(path === '/openapi.json' ? JSON.stringify(document) : 'ok');
    }),
  );

const notes: string[] = [];
async function init(flags: Partial<InitRequest['flags']>, ask: InitRequest['ask'] = null) {
  notes.length = 0;
  const none = { service: [], ready: [], get: [], link: [], yes: ask === null };
  return await initStory({
    flags: { ...none, ...flags },
    root,
    env: {},
    ask,
    note: (text) => notes.push(text),
  });
}
const refusal = (flags: Partial<InitRequest['flags']>): Promise<string> =>
  init(flags).then(() => 'written', messageOf);
const written = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('a protocol is recognised', () => {
  it('by its own greeting', async () => {
    const grpc = new GrpcServer();
    const grpcPort = await new Promise<number>((resolve, reject) => {
      grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    stops.push(() => grpc.forceShutdown());
    const kafkaAnswer = (heard: Buffer): Buffer | null =>
      heard.readInt32BE(0) === 10 ? Buffer.concat([Buffer.from([0, 0, 0, 10]), heard.subarray(8, 12)]) : null;
    const ports = {
      http: await shop([]),
      grpc: grpcPort,
      redis: await server((heard) => (heard.toString() === 'PING\r\n' ? '+PONG\r\n' : '-ERR\r\n')),
      postgres: await server((heard) => (heard.length === 8 ? 'N' : null)),
      kafka: await server(kafkaAnswer),
      tcp: await server(() => null),
    };
    for (const [protocol, port] of Object.entries(ports))
      expect(await recognise({ host: '127.0.0.1', port })).toEqual({ speaks: protocol });
    expect(await recognise({ host: '127.0.0.1', port: ports.tcp }, ['http'])).toEqual({
      speaks: null,
      why: 'a server that does not speak http',
    });
    expect(await recognise({ host: '127.0.0.1', port: 1 })).toMatchObject({
      why: 'connect ECONNREFUSED 127.0.0.1:1',
    });
  });
});

describe('from flags', () => {
  it('takes documented paths that are good now, and writes no file over another', async () => {
    const port = await shop(['/healthz', '/items', '/items/{id}']);
    const flags = { name: 'shop', service: [`web=127.0.0.1:${port}`] };
    const done = await init(flags);
    expect(done).toMatchObject({ campaign: 'shop-smoke', isHere: true });
    expect(notes[0]).toBe(
      `web: http://127.0.0.1:${port} speaks http: GET / answers 404; its OpenAPI document has 2 paths for GET`,
    );
    expect(notes.slice(1, 3)).toEqual(['web: GET /healthz answers 200', 'web: GET /items answers 200']);
    expect(written('systems/shop/system.yaml')).toContain('ready: { get: /healthz, good: 2xx }');
    expect(written('scenarios/gauntlet.ts')).toBe(libraryText());
    writeFileSync(join(root, 'targets/shop.yaml'), 'mine');
    const again = await refusal(flags);
    expect(again.split('\n')).toContain(
      'targets/shop.yaml: expected no such file, because init writes over none, got a file. Move it away, or give another --name.',
    );
    expect(again.split('\n')).toHaveLength(4);
    expect(written('targets/shop.yaml')).toBe('mine');
  });

  it('names what it cannot know, and then writes nothing', async () => {
    const port = await shop([]);
    expect(await refusal({ name: 'shop', service: [`web=http://127.0.0.1:${port}`] })).toBe(
      '--get: expected a GET that users do, because neither / nor a documented path answers 2xx, got nothing. Such as --get web=/items',
    );
    expect(await refusal({ name: 'shop', service: ['web=127.0.0.1:1'] })).toBe(
      '--service web: expected a server that answers, or its protocol, got no server at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Start it, or name the protocol: --service web=http://127.0.0.1:1',
    );
    expect(await refusal({ name: 'shop', service: ['a=tcp://127.0.0.1:1', 'a=tcp://127.0.0.1:2'] })).toBe(
      '--service: expected each name once, got a twice.',
    );
    expect(existsSync(join(root, 'systems'))).toBe(false);
  });

  it('takes a protocol at its word while nothing answers, and says so', async () => {
    await init({
      name: 'shop',
      service: ['web=http://127.0.0.1:1', 'bus=kafka://127.0.0.1:1'],
      get: ['web=/items'],
    });
    expect(notes.slice(0, 3)).toEqual([
      'web: no http at http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
      'bus: no kafka at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
      'web: GET /items answers nothing, which is not good (2xx)',
    ]);
    expect(written('targets/shop.yaml')).toContain('bus: { address: ["127.0.0.1:1"] }');
  });
});

it('from questions: asks again after an answer that does not fit', async () => {
  const port = await shop(['/items']);
  const questions: string[] = [];
  const answers = [
    '',
    '',
    `web=127.0.0.1:${port}`,
    'cache=redis://127.0.0.1:1',
    '',
    'x',
    '/ok',
    '',
    'web -> cash',
    'web -> cache',
    '',
    'y',
  ];
  const done = await init({ name: 'Shop'.toLowerCase() }, async (question) => {
    questions.push(question);
    return answers.shift() ?? '';
  });
  expect(done.answers).toMatchObject({
    name: 'shop',
    readies: [{ service: 'web', path: '/ok' }],
    gets: [{ service: 'web', path: '/items' }],
    links: ['web -> cache'],
    allowFaults: true,
  });
  expect(questions.at(-1)).toBe('May faults be injected there? [no] ');
  expect(notes).toContain('At least one service is needed.');
  expect(notes).toContain('--link: expected a service: one of web, cache, got "cash". Did you mean cache?');
});

describe('the library beside the scripts of a user', () => {
  const file = () => join(root, 'scenarios/gauntlet.ts');
  const old = (version: string) => libraryText().replace(/^\/\/ Gauntlet \S+,/, `// Gauntlet ${version},`);

  it('is written, kept, and refreshed when it is of another version', () => {
    expect(libraryWarning(root)).toBeNull();
    expect(writeLibrary(root)).toBe('wrote scenarios/gauntlet.ts');
    expect([writeLibrary(root), libraryWarning(root)]).toEqual(['scenarios/gauntlet.ts is current', null]);
    writeFileSync(file(), old('0.1.9'));
    expect(libraryWarning(root)).toBe(
      'scenarios/gauntlet.ts: of Gauntlet 0.1.9, and this is 0.1.0. To refresh it: gauntlet init --library',
    );
    writeFileSync(file(), old('0.0.9'));
    expect(libraryWarning(root)).toContain(
      'its samples may not be read. Refresh it: gauntlet init --library',
    );
    expect(writeLibrary(root)).toBe('refreshed scenarios/gauntlet.ts of 0.0.9');
    expect(copyState(root)).toEqual({ kind: 'current' });
  });

  it('is never replaced when somebody has changed it', () => {
    mkdirSync(join(root, 'scenarios'));
    const changed = `${libraryText()}// mine\n`;
    writeFileSync(file(), changed);
    expect(() => writeLibrary(root)).toThrow(
      'scenarios/gauntlet.ts: expected a copy as gauntlet init wrote it, got a changed one, which is left as it is.',
    );
    expect(libraryWarning(root)).toBe(
      "scenarios/gauntlet.ts: changed since gauntlet init wrote it, so its numbers are not Gauntlet's own",
    );
    expect(readFileSync(file(), 'utf8')).toBe(changed);
  });

  it('is the file that the scenarios of Gauntlet import, which is no copy', () => {
    expect(copyState(projectRoot)).toEqual({ kind: 'none' });
    expect(libraryText().slice(libraryText().indexOf('\n') + 1)).toBe(
      readFileSync(join(projectRoot, 'scenarios/gauntlet.ts'), 'utf8'),
    );
  });
});
