/** The scenarios in a real k6 against stubs of known behaviour: what they send, what they measure, what it costs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/system/project.ts';
import { readWav } from '../../systems/neural-hive-mind/stand-ins/src/gateway/wav.ts';
import { flowLoad, type K6Run, runScenario } from './support-scenarios/run-k6.ts';
import { grpcStub, httpStub, processed, slowDoor } from './support-scenarios/stubs.ts';

const stops: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Http = Awaited<ReturnType<typeof httpStub>>;
async function http(...answer: Parameters<typeof httpStub>): Promise<Http> {
  const stub = await httpStub(...answer);
  stops.push(stub.stop);
  return stub;
}
async function specialist(...answer: Parameters<typeof grpcStub>) {
  const stub = await grpcStub(...answer);
  stops.push(stub.stop);
  return stub;
}

const INTENTIONS = flowLoad('gateway.intentions', 50, 50);
const idOf = (body: Buffer): string =>
  (JSON.parse(body.toString('utf8')) as { correlation_id: string }).correlation_id;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
/** Each VU: a start, then its answer, never two starts in a row. */
function expectPaired(run: K6Run): void {
  expect(run.of('gauntlet_started').length).toBeGreaterThan(50);
  expect(run.of('gauntlet_service_ms')).toHaveLength(run.of('gauntlet_started').length);
}

describe('intention-journey', () => {
  const JOURNEY = flowLoad('gateway.journey', 50, 50);

  it('reads each intention back as the user who posted it; its service time is the sum of both steps', async () => {
    const gateway = await http((_index, { path }) =>
      path === '/intentions'
        ? { status: 200, body: { ...processed, intent_id: 'abc' }, afterMs: 30 }
        : { status: 200, body: { intent_id: 'abc', data: {}, cached: true }, afterMs: 10 },
    );
    const run = await runScenario('intention-journey', [JOURNEY], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
    });
    expectPaired(run);
    expect(Object.keys(run.outcomes())).toEqual(['ok']);
    const posts = gateway.seen.filter((one) => one.path === '/intentions');
    const reads = gateway.seen.filter((one) => one.path === '/intentions/abc');
    expect(reads).toHaveLength(posts.length);
    const users = (seen: typeof posts) => seen.map((one) => one.headers['x-user-id']).sort();
    expect(users(reads)).toEqual(users(posts));
    const steps = run.of('gauntlet_step_ms');
    const sum = (values: readonly { readonly value: number }[]): number =>
      values.reduce((total, one) => total + one.value, 0);
    const whole = sum(run.of('gauntlet_service_ms')) + sum(run.of('gauntlet_connect_ms'));
    expect(sum(steps)).toBeCloseTo(whole, 1);
    for (const [step, least] of [
      ['post', 29],
      ['read', 9],
    ] as const) {
      const own = steps.filter((one) => one.tags['step'] === step).map((one) => one.value);
      expect(own).toHaveLength(posts.length);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(least);
    }
  });

  it('does not read what was not accepted, and says which step failed', async () => {
    const posted = [
      { status: 500, body: { detail: 'x' } },
      { status: 200, body: { intent_id: 'gone', status: 'processed' } },
      { status: 200, body: { intent_id: 'else', status: 'processed' } },
    ];
    let posts = 0;
    const gateway = await http((_index, { path }) => {
      if (path === '/intentions/gone') return { status: 404, body: { detail: 'x' } };
      if (path === '/intentions/else') return { status: 200, body: { intent_id: 'another' } };
      posts += 1;
      return posted[posts % posted.length] ?? { status: 500, body: '' };
    });
    const run = await runScenario('intention-journey', [JOURNEY], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
    });
    const outcomes = run.outcomes();
    expect(Object.keys(outcomes).sort()).toEqual(['post-http-500', 'read-error-body', 'read-http-404']);
    const reads = gateway.seen.filter((one) => one.path !== '/intentions').length;
    expect(reads).toBe((outcomes['read-http-404'] ?? 0) + (outcomes['read-error-body'] ?? 0));
  });
});

describe('gateway-intentions', () => {
  it('starts every arrival at its rate, answers each once, and sends no id twice, not even with the same seed again', async () => {
    const gateway = await http(() => ({ status: 200, body: processed }));
    const env = { GAUNTLET_ADDRESS_GATEWAY: gateway.url };
    const first = await runScenario('gateway-intentions', [INTENTIONS], { ...env, GAUNTLET_RUN_ID: 'run-a' });
    const second = await runScenario('gateway-intentions', [INTENTIONS], {
      ...env,
      GAUNTLET_RUN_ID: 'run-b',
    });
    for (const run of [first, second]) {
      expect(run.exitCode, run.stderr).toBe(0);
      expectPaired(run);
      expect(Object.keys(run.outcomes())).toEqual(['ok']);
      expect(Math.abs(run.of('gauntlet_started').length - 100)).toBeLessThanOrEqual(1);
      expect(run.of('gauntlet_started')[0]?.tags).toMatchObject({ flow: 'gateway.intentions' });
    }
    const ids = gateway.seen.map((one) => idOf(one.body));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses to run without an id of the run: the next run with this seed would get duplicates', async () => {
    const gateway = await http(() => ({ status: 200, body: processed }));
    const run = await runScenario('gateway-intentions', [INTENTIONS], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.stderr).toContain('GAUNTLET_RUN_ID: expected the id of the run, got nothing');
    expect(gateway.seen).toHaveLength(0);
  });

  it('takes a 200 for a success only when its body says so', async () => {
    const good = { status: 200, body: processed };
    const answers = [
      good,
      { status: 200, body: { intent_id: 'i', status: 'duplicate_detected' } },
      { status: 200, body: { intent_id: 'i', status: 'error' } },
      { status: 200, body: 'not json' },
      { status: 200, body: { status: 'processed' } },
      { status: 500, body: { detail: 'x' } },
      { status: 200, body: processed, reset: true },
      { status: 200, body: processed, afterMs: 1500 },
    ];
    const gateway = await http((index) => answers[index % answers.length] ?? good);
    const run = await runScenario('gateway-intentions', [INTENTIONS], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
    });
    expectPaired(run);
    const outcomes = run.outcomes();
    expect(Object.keys(outcomes).sort()).toEqual(
      ['duplicate', 'http-500', 'error-body', 'error-error', 'ok', 'reset', 'timeout'].sort(),
    );
    const ok = gateway.seen.filter((_, index) => index % answers.length === 0).length;
    expect(outcomes['ok']).toBe(ok);
  });

  it('calls a closed port refused, and sends the token without ever showing it', async () => {
    const refused = await runScenario('gateway-intentions', [INTENTIONS], {
      GAUNTLET_ADDRESS_GATEWAY: 'http://127.0.0.1:1',
      GAUNTLET_RUN_ID: 'r',
    });
    expect(Object.keys(refused.outcomes())).toEqual(['refused']);
    const gateway = await http(() => ({ status: 401, body: { error: 'authentication_failed' } }));
    const env = { GAUNTLET_ADDRESS_GATEWAY: gateway.url, GAUNTLET_RUN_ID: 'r', GAUNTLET_TOKEN: 'geheim-123' };
    const run = await runScenario('gateway-intentions', [INTENTIONS], env);
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer geheim-123');
    expect(run.stderr + JSON.stringify(run.samples)).not.toContain('geheim');
  });

  it('measures what the server took, in service time that includes connecting', async () => {
    const gateway = await http(() => ({ status: 200, body: processed, afterMs: 40 }));
    const run = await runScenario('gateway-intentions', [INTENTIONS], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
    });
    const service = run.of('gauntlet_service_ms').map((one) => one.value);
    expect(Math.min(...service)).toBeGreaterThanOrEqual(39);
    expect(median(service)).toBeLessThan(80);
    // Connecting is reported apart, once for each new connection and not for the requests that reuse one.
    const connects = run.of('gauntlet_connect_ms');
    expect(connects.length).toBeGreaterThan(0);
    expect(connects.length).toBeLessThanOrEqual(INTENTIONS.vus);
    expect(Math.min(...connects.map((one) => one.value))).toBeGreaterThan(0);
  });

  it('measures a request that never got a connection by the clock: k6 has only zeros for it', async () => {
    // Stopped, with a queue of one: the kernel answers the first connections, and drops the SYN of all others.
    const door = execa('node', [
      '-e',
      `const s = require('net').createServer(); s.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
         process.stdout.write(s.address().port + '\\n', () => process.kill(process.pid, 'SIGSTOP'));
       });`,
    ]);
    door.catch(() => undefined);
    stops.push(() => void door.kill('SIGKILL'));
    const port = await new Promise<string>((resolve) => {
      door.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    const run = await runScenario('gateway-intentions', [INTENTIONS], {
      GAUNTLET_ADDRESS_GATEWAY: `http://127.0.0.1:${port}`,
      GAUNTLET_RUN_ID: 'r',
    });
    const answered = run.of('gauntlet_service_ms');
    expect(answered.length).toBeGreaterThan(40);
    expect(run.outcomes()['ok']).toBeUndefined();
    for (const one of answered) expect(one.value).toBeGreaterThanOrEqual(950);
    const k6 = run.of('http_req_duration').map((one) => one.value);
    expect(Math.min(...k6)).toBe(0);
    console.log('no connection, ms', { ours: median(answered.map((one) => one.value)), k6: median(k6) });
  });
});

describe('gateway-voice', () => {
  it('sends a WAV file with its text and a new id each time', async () => {
    const gateway = await http(() => ({ status: 200, body: processed }));
    const flow = flowLoad('gateway.voice', 50, 20);
    const run = await runScenario('gateway-voice', [flow], {
      GAUNTLET_ADDRESS_GATEWAY: gateway.url,
      GAUNTLET_RUN_ID: 'r',
    });
    expect(Object.keys(run.outcomes()), run.stderr).toEqual(['ok']);
    expectPaired(run);
    const [first] = gateway.seen;
    expect(first?.headers['content-type']).toMatch(/^multipart\/form-data/);
    const at = first?.body.indexOf('RIFF') ?? -1;
    const wav = first?.body.subarray(at, at + 8 + (first.body.readUInt32LE(at + 4) ?? 0));
    expect(readWav(wav ?? Buffer.alloc(0)).comment?.split(' ').length).toBeGreaterThan(2);
  });
});

describe('specialists', () => {
  const flow = flowLoad('specialist.business', 50, 50);
  const run = (address: string, more: { flow?: typeof flow; durationMs?: number } = {}) =>
    runScenario(
      'specialists',
      [more.flow ?? flow],
      { GAUNTLET_ADDRESS_SPECIALIST_BUSINESS: address, GAUNTLET_RUN_ID: 'r' },
      { durationMs: more.durationMs ?? 2000 },
    );

  it('sends plans that hold what heuristic mode needs, each id once', async () => {
    const stub = await specialist(() => ({}));
    const done = await run(stub.address);
    expect(Object.keys(done.outcomes()), done.stderr).toEqual(['ok']);
    expectPaired(done);
    const ids = stub.seen.map((one) => one.plan_id);
    expect(new Set(ids).size).toBe(ids.length);
    const plan = JSON.parse(stub.seen[0]?.cognitive_plan.toString('utf8') ?? '{}') as {
      version: string;
      plan_id: string;
      tasks: { task_id: string; dependencies: string[]; estimated_duration_ms: number }[];
      execution_order: string[];
    };
    expect(plan).toMatchObject({ version: '1.0.0', plan_id: ids[0] });
    expect(plan.execution_order).toEqual(plan.tasks.map((task) => task.task_id));
    for (const task of plan.tasks) expect(task.estimated_duration_ms).toBeGreaterThanOrEqual(0);
  });

  it('measures an invoke as finely as k6 itself, apart from the connecting, which is reported once', async () => {
    const stub = await specialist(() => ({ afterMs: 20 }));
    const done = await run(stub.address);
    const service = done.of('gauntlet_service_ms');
    const own = median(done.of('grpc_req_duration').map((one) => one.value));
    const ours = median(service.map((one) => one.value));
    console.log('gRPC median ms', { k6: own, ours, connects: done.of('gauntlet_connect_ms').length });
    expect(ours).toBeGreaterThanOrEqual(own);
    expect(ours - own).toBeLessThan(3);
    expect(service.filter((one) => one.value % 1 !== 0).length).toBeGreaterThan(service.length / 2);
  });

  it('does not count the connecting twice: 150 ms of it are in its own sample and in no service time', async () => {
    const stub = await specialist(() => ({ afterMs: 5 }));
    const slow = await slowDoor(stub.address, 150);
    stops.push(slow.stop);
    const done = await run(slow.address, { flow: flowLoad('specialist.business', 20, 1), durationMs: 1500 });
    const [connect] = done.of('gauntlet_connect_ms');
    expect(done.of('gauntlet_connect_ms')).toHaveLength(1);
    expect(connect?.value).toBeGreaterThanOrEqual(149);
    expect(done.of('gauntlet_service_ms')[0]?.value).toBeLessThan(100);
  });

  it('names the errors of the server, and a 0 with an empty opinion is one', async () => {
    const answers = [{}, { code: status.INTERNAL }, { recommendation: 'vielleicht' }, { afterMs: 1500 }];
    const stub = await specialist((index) => answers[index % answers.length] ?? {});
    const done = await run(stub.address, { durationMs: 2500 });
    expectPaired(done);
    expect(Object.keys(done.outcomes()).sort()).toEqual(['error-body', 'grpc-Internal', 'ok', 'timeout']);
  });

  it('reports within its time limit that nothing listens, and how long it tried', async () => {
    const done = await run('127.0.0.1:1');
    expectPaired(done);
    expect(Object.keys(done.outcomes())).toEqual(['connect-failed']);
    expect(done.of('gauntlet_connect_ms')).toHaveLength(done.of('gauntlet_started').length);
  });

  it('gives up at the time limit of the flow, which connecting and answering share', async () => {
    const stub = await specialist(() => ({ afterMs: 3000 }));
    const slow = await slowDoor(stub.address, 300);
    stops.push(slow.stop);
    const done = await run(slow.address, {
      flow: flowLoad('specialist.business', 10, 20, 500),
      durationMs: 1500,
    });
    const connects = new Map(done.of('gauntlet_connect_ms').map((one) => [one.vu, one.value]));
    const totals = done.of('gauntlet_service_ms').map((one) => one.value + (connects.get(one.vu) ?? 0));
    expect(Object.keys(done.outcomes())).toEqual(['timeout']);
    expect(Math.min(...totals)).toBeGreaterThanOrEqual(490);
    expect(totals[0]).toBeLessThan(600);
  });
});

describe('the cost of k6', () => {
  it('stays small: 500 VUs, and 100 requests a second', async () => {
    const gateway = await http(() => ({ status: 200, body: processed }));
    const env = { GAUNTLET_ADDRESS_GATEWAY: gateway.url, GAUNTLET_RUN_ID: 'r' };
    const few = await runScenario('gateway-intentions', [flowLoad('gateway.intentions', 100, 5)], env, {
      durationMs: 5000,
    });
    const many = await runScenario('gateway-intentions', [flowLoad('gateway.intentions', 100, 500)], env, {
      durationMs: 5000,
    });
    const voice = await runScenario('gateway-voice', [flowLoad('gateway.voice', 20, 100)], env, {
      durationMs: 3000,
    });
    const cost = (run: K6Run) => ({ rssMb: Math.round(run.peakRssMb), cpuMs: run.cpuMs });
    const perVuKb = ((many.peakRssMb - few.peakRssMb) * 1024) / 495;
    console.log('k6', {
      '5 VUs': cost(few),
      '500 VUs': cost(many),
      'voice, 100 VUs': cost(voice),
      perVuKb: Math.round(perVuKb),
    });
    expect(many.peakRssMb).toBeLessThan(500);
    expect(many.of('dropped_iterations')).toHaveLength(0);
  });
});

describe('the scripts', () => {
  it('use arrival-rate executors only: no other makes the load independent of the answers', () => {
    const text = ['gauntlet.ts', 'gateway-intentions.ts', 'gateway-voice.ts', 'specialists.ts']
      .map((name) => readFileSync(join(projectRoot, 'scenarios', name), 'utf8'))
      .join('\n');
    expect(text).not.toMatch(/constant-vus|ramping-vus|shared-iterations|per-vu-iterations/);
  });
});
