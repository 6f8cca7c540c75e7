/** The stand-in of the Active Immune Core and its Kafka: cytokines, and the last word of an agent. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { signalProcess } from '../support/signal-process.ts';
import { type Core, type Ear, hears, ImmuneCore } from './support-services/immune-core.ts';
import { until } from './support-services/spawned.ts';

const core = new ImmuneCore();

async function send(type: string, id: string): Promise<void> {
  const producer = core.stores.kafka.kafka.producer();
  await producer.connect();
  const value = JSON.stringify({ tipo: type, emissor_id: 'test', payload: { id } });
  await producer.send({ topic: `immunis.cytokines.${type}`, messages: [{ value }] });
  await producer.disconnect();
}

/** A consumer reads from the end of its topics, so what is sent before it has joined is not heard. */
async function listening(one: Core): Promise<Ear> {
  const ear = await one.hear('cytokine');
  const tries = { timeoutMs: 30_000, everyMs: 500, explain: one.output };
  await until(() => send('IL1', 'warm-up').then(() => hears(ear, 'warm-up')), tries);
  return ear;
}

it('hears the topics in mixed case, and not those that its own agents write', async () => {
  const one = await core.start();
  const ear = await listening(one);
  await send('il1', 'lower-case');
  await one.ask('POST', '/agents/', { agent_type: 'nk_cell', config: { agent_id: 'agent-1' } });
  expect((await one.ask('DELETE', '/agents/agent-1')).status).toBe(204);
  await send('TGFbeta', 'mixed-case');
  await until(() => hears(ear, 'mixed-case'), { timeoutMs: 10_000 });
  expect(ear.events.at(-1)).toMatchObject({
    event: 'cytokine',
    data: { cytokine_type: 'TGFbeta', source_agent: 'unknown', target_area: null, concentration: 1 },
  });
  expect(hears(ear, 'lower-case')).toBe(false);
  expect(JSON.stringify(ear.events)).not.toContain('agent-1');
});

it('ends at once on SIGTERM while nothing is in flight', async () => {
  const one = await core.start();
  await listening(one);
  signalProcess(one.child.pid ?? 0, 'SIGTERM');
  await once(one.child, 'exit');
  expect(one.child.exitCode).toBe(0);
});

it('splits the stream between replicas: each event reaches one of them', async () => {
  const [first, second] = [await core.start(), await core.start()];
  const ears = [await first.hear('cytokine'), await second.hear('cytokine')];
  const whoHears = (id: string) => ears.filter((ear) => hears(ear, id)).length;
  await until(() => send('IL6', 'warm-up').then(() => whoHears('warm-up') > 0), {
    timeoutMs: 30_000,
    everyMs: 500,
  });
  await send('IL6', 'shared');
  await until(() => whoHears('shared') > 0, { timeoutMs: 10_000 });
  await sleep(500);
  expect(whoHears('shared')).toBe(1);
});

it('hears on after its broker was killed and came back', async () => {
  const one = await core.start();
  const ear = await listening(one);
  core.stores.kafka.signal(0, 'SIGKILL');
  await sleep(2000);
  core.stores.kafka.restart(0);
  const tries = { timeoutMs: 60_000, everyMs: 1000, explain: one.output };
  const sent = () => send('IL1', 'after-the-kill').catch(() => undefined);
  await until(() => sent().then(() => hears(ear, 'after-the-kill')), tries);
});

it('hears nothing for good when Kafka was away at its start', async () => {
  // A bootstrap address that begins to work later: the broker itself then is at its own address.
  const [broker = ''] = core.stores.kafka.brokers;
  const relay = createServer();
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port } = relay.address() as { port: number };
  relay.close();
  const one = await core.start({ KAFKA_ADDRESS: `127.0.0.1:${port},127.0.0.1:${port}` });
  const ear = await one.hear('cytokine');
  await until(() => one.output().includes('Kafka unavailable for event streaming'), { timeoutMs: 10_000 });
  const [host, at] = broker.split(':');
  const open = createServer((client) => {
    const other = connect(Number(at), host ?? '');
    client.pipe(other).pipe(client);
    for (const socket of [client, other]) socket.on('error', () => undefined);
  });
  open.listen(port, '127.0.0.1');
  await once(open, 'listening');
  const { body } = await one.ask('GET', '/health/components/kafka');
  expect(body.details?.['message']).toBe('Kafka health check failed');
  await sleep(3000);
  await send('IL1', 'too-late');
  await sleep(2000);
  expect(hears(ear, 'too-late')).toBe(false);
  open.close();
});

it('does not answer the DELETE of an agent, nor end, while Kafka is away', async () => {
  const one = await core.start();
  await listening(one);
  const config = { agent_id: 'agent-2' };
  expect((await one.ask('POST', '/agents/', { agent_type: 'nk_cell', config })).status).toBe(201);
  core.stores.kafka.signal(0, 'SIGKILL');
  await sleep(500);
  const degraded = await one.ask('POST', '/agents/', {
    agent_type: 'nk_cell',
    config: { agent_id: 'agent-3' },
  });
  expect(degraded.status).toBe(201);
  const deleted = one.ask('DELETE', '/agents/agent-2').then(() => 'answered');
  expect(await Promise.race([deleted, sleep(3000, 'no answer')])).toBe('no answer');
  expect((await one.ask('GET', '/agents/agent-2')).body).toMatchObject({ status: 'apoptose' });
  core.stores.kafka.restart(0);
  await sleep(3000);
  expect((await one.ask('GET', '/agents/agent-2')).body).toMatchObject({ status: 'apoptose' });
  core.stores.kafka.signal(0, 'SIGKILL');
  signalProcess(one.child.pid ?? 0, 'SIGTERM');
  await sleep(3000);
  expect(one.child.exitCode).toBeNull();
  core.stores.kafka.restart(0);
});
