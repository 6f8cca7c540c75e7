/** Values of records through a real HTTP registry: schemas, what they name, logins, TLS, and each way to have none. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Access } from '../../../src/core/access.ts';
import { pieceOf } from '../../../src/protocols/kafka/kafka-record.ts';
import { checkRegistries } from '../../../src/run/open/check-registries.ts';
import { secretsFrom } from '../../../src/system/secrets/secret-value.ts';
import { RecordValues } from '../../../src/targets/schemas/record-values.ts';
import { RegistryClient } from '../../../src/targets/schemas/registry-client.ts';
import { newAuthority } from '../../support/certificates.ts';
import { TestRegistry, type TestRegistryOptions, written } from '../../support/schema-registry.ts';

const ORDER = {
  ...{ type: 'record', name: 'Order', namespace: 'shop' },
  fields: [
    { name: 'id', type: 'string' },
    { name: 'number', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
};
const SENT = {
  ...{ type: 'record', name: 'Sent', namespace: 'shop' },
  fields: [
    { name: 'order', type: ORDER },
    {
      name: 'by',
      type: [
        { type: 'record', name: 'Van', fields: [{ name: 'plate', type: 'string' }] },
        { type: 'record', name: 'Ship', fields: [{ name: 'flag', type: 'string' }] },
      ],
    },
  ],
};

const opened: TestRegistry[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

async function registryWith(options: TestRegistryOptions): Promise<TestRegistry> {
  const one = await new TestRegistry(options).start();
  opened.push(one);
  return one;
}

/** Its clock passes only while somebody waits. */
function valuesOf(registry: { readonly url: string }, access?: Access): RecordValues {
  let now = 0;
  const sleep = async (pause: number): Promise<void> => {
    now += pause;
  };
  const clock = { now: () => now, sleep };
  const at = { url: registry.url, ...(access && { access }) };
  const signal = new AbortController().signal;
  const subject = 'services.bus.registry';
  return new RecordValues(new RegistryClient({ at, subject, clock: clock as never, signal }), '');
}

async function readOf(values: RecordValues, bytes: Buffer): Promise<unknown> {
  const piece = pieceOf(bytes);
  await values.prepare([piece]);
  return values.of(piece);
}

describe('a value with a registry', () => {
  it('is what its schema says, which is asked for once', async () => {
    const registry = await registryWith({
      ids: { 7: { schema: JSON.stringify(ORDER) } },
      path: '/apis/ccompat/v6',
    });
    const values = valuesOf(registry);
    const bytes = written(7, ORDER, { id: 'a', number: 12, note: 'n' });
    expect(await readOf(values, bytes)).toEqual({ value: { id: 'a', number: 12, note: 'n' } });
    expect(await readOf(values, written(7, ORDER, { id: 'b', number: 0, note: null }))).toEqual({
      value: { id: 'b', number: 0, note: null },
    });
    expect(registry.asked).toEqual(['/apis/ccompat/v6/schemas/ids/7']);
    expect(values.of(pieceOf(Buffer.from('{"id":"c"}')))).toEqual({ value: { id: 'c' } });
    expect(values.of(pieceOf(Buffer.from('none')))).toEqual({ value: undefined });
    expect(values.of(null)).toEqual({ value: undefined });
  });

  it('has the types that its schema names elsewhere, and the branch of a union is its value', async () => {
    const own = { ...SENT, fields: [{ name: 'order', type: 'shop.Order' }, ...SENT.fields.slice(1)] };
    const registry = await registryWith({
      ids: {
        9: {
          schema: JSON.stringify(own),
          references: [{ name: 'shop.Order', subject: 'shop.Order', version: 2 }],
        },
      },
      subjects: { 'shop.Order/2': { schema: JSON.stringify(ORDER) } },
    });
    const value = { order: { id: 'a', number: 1, note: null }, by: { 'shop.Ship': { flag: 'f' } } };
    expect(await readOf(valuesOf(registry), written(9, SENT, value))).toEqual({
      value: { order: { id: 'a', number: 1, note: null }, by: { flag: 'f' } },
    });
  });

  it('keeps the digits of an integer that no number holds', async () => {
    const registry = await registryWith({ ids: { 1: { schema: '"long"' } } });
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from('feffffffffffffffff01', 'hex')]);
    expect(await readOf(valuesOf(registry), bytes)).toEqual({ value: '9223372036854775807' });
  });

  it('is JSON where the schema is one of JSON', async () => {
    const registry = await registryWith({ ids: { 3: { schema: '{}', schemaType: 'JSON' } } });
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 3]), Buffer.from('{"id":"a"}')]);
    expect(await readOf(valuesOf(registry), bytes)).toEqual({ value: { id: 'a' } });
  });

  it('is asked for with a login', async () => {
    secretsFrom({ REGISTRY_PASSWORD: 'registry-Zk9-pass' });
    const authorization = `Basic ${Buffer.from('chaos:registry-Zk9-pass').toString('base64')}`;
    const registry = await registryWith({ ids: { 7: { schema: '"string"' } }, authorization });
    const bytes = written(7, 'string' as never, 'x');
    const login = { user: 'chaos', password: { from: 'env', name: 'REGISTRY_PASSWORD' } } as const;
    expect(await readOf(valuesOf(registry, { login }), bytes)).toEqual({ value: 'x' });
    const host = new URL(registry.url).host;
    expect(await readOf(valuesOf(registry), bytes)).toEqual({
      unread: `the registry at ${host} refuses us (HTTP 401): add services.bus.registry.login`,
      schema: 7,
    });
    secretsFrom({ REGISTRY_TOKEN: 'another-Zk9-token' });
    const token = { token: { from: 'env', name: 'REGISTRY_TOKEN' } } as const;
    expect(await readOf(valuesOf(registry, { login: token }), bytes)).toEqual({
      unread: `the registry at ${host} refuses us (HTTP 401): check services.bus.registry.login`,
      schema: 7,
    });
  });
});

it('is asked for over TLS as the target says', async () => {
  const authority = newAuthority();
  try {
    const pair = authority.issue('registry', 'IP:127.0.0.1');
    const registry = await registryWith({ ids: { 7: { schema: '"string"' } }, pair });
    const bytes = written(7, 'string' as never, 'x');
    const tls = { ca: { from: 'file', name: authority.caFile } } as const;
    expect(await readOf(valuesOf(registry, { tls }), bytes)).toEqual({ value: 'x' });
    expect(await readOf(valuesOf(registry), bytes)).toEqual({
      unread: `the registry at ${new URL(registry.url).host}: TLS failed: its certificate authority is not trusted here`,
      schema: 7,
    });
  } finally {
    authority.remove();
  }
});

describe('a value that is not read says why', () => {
  const bytes = written(7, ORDER, { id: 'a', number: 1, note: null });

  it('because the target names no registry', async () => {
    const values = new RecordValues(undefined, 'add services.bus.registry.address to its file');
    expect(await readOf(values, bytes)).toEqual({
      unread: 'the target names no schema registry: add services.bus.registry.address to its file',
      schema: 7,
    });
  });

  it('because the registry has no such schema, or is at another path', async () => {
    const registry = await registryWith({ path: '/v6' });
    const host = new URL(registry.url).host;
    expect(await readOf(valuesOf(registry), bytes)).toEqual({
      unread: `the registry at ${host} has no schema 7`,
      schema: 7,
    });
    expect(await readOf(valuesOf({ url: `http://${host}/wrong` }), bytes)).toEqual({
      unread: `the registry at ${host} has no schema 7 (HTTP 404): check the path of services.bus.registry.address`,
      schema: 7,
    });
  });

  it('because the registry is away for longer than its patience, and reads on when it comes back', async () => {
    const registry = await registryWith({ ids: { 7: { schema: JSON.stringify(ORDER) } } });
    registry.down = 5;
    expect(await readOf(valuesOf(registry), bytes)).toMatchObject({ value: { id: 'a' } });
    expect(registry.asked).toHaveLength(6);
    registry.down = 1000;
    const values = valuesOf(registry);
    const host = new URL(registry.url).host;
    const unread = `the registry at ${host}: closed the connection without an answer`;
    expect(await readOf(values, bytes)).toEqual({ unread, schema: 7 });
    registry.asked.length = 0;
    // Another one is asked for once: it is away.
    expect(await readOf(values, Buffer.from([0, 0, 0, 0, 8, 0]))).toEqual({ unread, schema: 8 });
    expect(registry.asked).toHaveLength(1);
  });

  it('because its schema is none, of another kind, or does not fit', async () => {
    const registry = await registryWith({
      ids: {
        1: { schema: '{"type":"nothing"}' },
        2: { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' },
        7: { schema: JSON.stringify(ORDER) },
      },
    });
    const values = valuesOf(registry);
    expect(await readOf(values, Buffer.from([0, 0, 0, 0, 1, 0]))).toMatchObject({ schema: 1 });
    expect(await readOf(values, Buffer.from([0, 0, 0, 0, 2, 0]))).toEqual({
      unread: 'it is of PROTOBUF, which is not read: name a header in its place',
      schema: 2,
    });
    expect(await readOf(values, bytes.subarray(0, -1))).toEqual({
      unread: 'its bytes end within it',
      schema: 7,
    });
    expect(await readOf(values, Buffer.concat([bytes, Buffer.alloc(2)]))).toEqual({
      unread: '2 bytes are left over',
      schema: 7,
    });
  });
});

it('doctor asks a registry whether it answers', async () => {
  const registry = await registryWith({});
  const host = new URL(registry.url).host;
  expect(await checkRegistries({ registries: { bus: { url: registry.url } } })).toEqual([
    { ok: true, subject: 'registry of bus', detail: `${host} answers` },
  ]);
  expect(await checkRegistries({ registries: { bus: { url: `${registry.url}/v6` } } })).toEqual([
    {
      ok: false,
      subject: 'registry of bus',
      detail: `the registry at ${host} has no list of formats (HTTP 404): check the path of services.bus.registry.address`,
    },
  ]);
});
