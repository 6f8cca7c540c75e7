import { describe, expect, it, vi } from 'vitest';
import { parseSystem } from '../../../../src/config/system/read-system.ts';
import type { Question } from '../../../../src/core/system.ts';
import { servicesAt } from '../../../../src/core/topology.ts';
import { diallerOf, probeNamed, probesOf } from '../../../../src/protocols/asks.ts';
import { namesOfAsks } from '../../../../src/protocols/names.ts';

/** A seventh protocol: one file, and one line in the registry. */
vi.mock('../../../../src/protocols/registry.ts', async (original) => {
  const { REGISTRY } = await original<typeof import('../../../../src/protocols/registry.ts')>();
  const line = { closed: false, ask: async () => undefined, close: () => undefined };
  const memo = {
    ...{ name: 'memo', defaultPort: 11_211, builtIn: ['contract'] },
    forms: [
      {
        keys: ['stats'],
        shape: ({ text }: { text(expected: string): unknown }) => ({ stats: text('a name of a figure') }),
        read: (written: unknown) => ({ kind: 'own', written }),
      },
    ],
    say: () => ({ asks: 'stats', expects: 'figures' }),
    dialler: () => ({ dial: async () => line }),
  };
  return { REGISTRY: [...REGISTRY, memo] };
});

const HEAD = 'schema: gauntlet.system/1\nname: shop\nsummary: A shop\nservices:\n';
const read = (services: string) => parseSystem('shop/system.yaml', HEAD + services);
const problemsOf = (services: string): readonly string[] => {
  try {
    read(services);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};
const question = (protocol: string, written: string): Question | null | undefined =>
  read(`  web: { ${protocol}: { ask: { one: ${written} } } }`).services[0]?.endpoints[0]?.asks['one']
    ?.question;

describe('a question', () => {
  it('is read by the key that is written', () => {
    expect(question('http', '{ delete: /a, good: 3xx }')).toMatchObject({
      method: 'delete',
      statuses: [[300, 399]],
    });
    expect(question('postgres', '{ sql: select 1 }')).toEqual({ kind: 'sql', statement: 'select 1' });
    expect(question('redis', 'connect')).toEqual({ kind: 'connect' });
    expect(question('redis', '{ every: 1s }')).toBeNull();
  });

  it('has a body of the file beside its system', () => {
    expect(question('http', '{ post: /a, json: ask/a.json }')).toMatchObject({
      body: { kind: 'file', file: expect.stringMatching(/\/shop\/ask\/a\.json$/) },
    });
  });

  it('is one that its protocol has', () => {
    const all = [
      'redis: { ask: { one: { get: / } } }',
      'kafka: { ask: { one: { sql: select 1 } } }',
      'http: { ask: { one: { call: a.B/C } } }',
      'http: { ask: { one: { get: /a, post: /b } } }',
      'http: { ask: { one: { head: /a, good: { json: { a: 1 } } } } }',
      'http: { ask: { one: { get: /a, every: 1m } } }',
      'http: { ask: { one: { send: { to: bus, topic: t, json: {} }, hear: { websocket: /w, json: { a: 1 }, within: 1s } } } }',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as a system file has it
      'http: { ask: { one: { send: { to: bus, json: {} }, hear: { websocket: /w, json: { a: "${id}" }, within: 1s } } } }',
    ];
    expect(all.flatMap((one) => problemsOf(`  web: { ${one} }`))).toMatchInlineSnapshot(`
      [
        "shop/system.yaml:5:31: services.web.redis.ask.one: expected connect, the one question to redis, got {"get":"/"}.",
        "shop/system.yaml:5:31: services.web.kafka.ask.one: expected connect, the one question to kafka, got {"sql":"select 1"}.",
        "shop/system.yaml:5:30: services.web.http.ask.one: expected connect, or a map with get, post, put, patch, delete, head, send, hear, got {"call":"a.B/C"}.",
        "shop/system.yaml:5:47: services.web.http.ask.one.post: expected one method of a question, got "/b".",
        "shop/system.yaml:5:48: services.web.http.ask.one.good: expected a status: the answer to head has no body, got {"json":{"a":1}}.",
        "shop/system.yaml:5:48: services.web.http.ask.one.every: expected a duration from 10.0 ms to 10.0 s, got "1m".",
        "shop/system.yaml:5:77: services.web.http.ask.one.hear: expected a field whose value is \${id}, which tells one round trip from another, got {"websocket":"/w","json":{"a":1},"within":"1s"}.",
        "shop/system.yaml:5:38: services.web.http.ask.one.send: expected a topic or a channel, got {"to":"bus","json":{}}.",
      ]
    `);
  });
});

describe('a protocol', () => {
  const text =
    '  web: { http: 80 }\n  memo: { memo: { ask: { ready: { stats: items }, hits: { stats: hits, every: 1s } } } }';

  it('is one file and one line: its endpoint, its questions, its probes', async () => {
    const system = read(text);
    expect(system.services[1]?.endpoints[0]).toMatchObject({ protocol: 'memo', port: 11_211 });
    expect(namesOfAsks(system)).toEqual(['memo:hits']);
    const services = servicesAt(system, { memo: { memo: [{ address: '127.0.0.1:1' }] } });
    expect(probesOf({ services }).map((one) => [one.name, one.everyMs])).toEqual([
      ['memo', null],
      ['memo:hits', 1000],
    ]);
    const line = await diallerOf(probeNamed('memo', { services }), { services }).dial(10);
    await expect(line.ask()).resolves.toBeUndefined();
    expect(problemsOf('  memo: { memo: { ask: { ready: { get: / } } } }')).toEqual([
      'shop/system.yaml:5:33: services.memo.memo.ask.ready: expected connect, or a map with stats, got {"get":"/"}.',
    ]);
  });
});
