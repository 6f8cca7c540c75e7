import { describe, expect, it } from 'vitest';
import { httpFault } from '../../../../../src/chaos/faults/requests/http-fault.ts';
import type { FakeOptions } from '../../../../fakes/fake-platform.ts';
import { planned, stages } from '../../stage.ts';

const newStage = stages();
const problemsOf = (raw: unknown): string[] => {
  const parsed = httpFault.parse(raw);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};
const DURATION = 'a duration with a unit (us, ms, s, m, h), such as 500ms or 8s';

describe('parameters', () => {
  it('all problems come at once', () => {
    expect(
      problemsOf({ status: 200, delay: '0s', share: '0%', method: 'post', path: 'intentions', for: '8s' }),
    ).toEqual([
      'status: a status from 400 to 599, such as 503; 200',
      'method: a method in capital letters, such as POST; "post"',
      'path: a path without query, such as /orders; "intentions"',
      `delay: ${DURATION}, greater than 0; "0s"`,
      'share: a share from 0% to 100%, such as 1% or 0.5%, greater than 0%; "0%"',
    ]);
    expect(problemsOf({ for: '8s' })).toEqual([': at least one of status and delay; nothing']);
    expect(problemsOf({ delay: '10ms', jitter: '20ms', for: '8s' })).toEqual([
      'jitter: at most the delay; "20 ms"',
    ]);
  });

  it('takes what a command line gives: everything is text there', () => {
    expect(httpFault.parse({ status: '503', share: '5%', for: '1s' })).toMatchObject({
      ok: true,
      spec: { status: 503, share: 0.05, delay: null, path: null },
      holdMs: 1000,
    });
  });
});

describe('the plan', () => {
  it('is on the links of all clients, or of the one that was named', async () => {
    const { world } = newStage();
    const touches = async (block: object): Promise<readonly string[]> =>
      (await httpFault.plan(planned('http-fault', { status: 503, for: '1s', ...block }).spec as never, world))
        .touches;
    expect(await touches({})).toEqual(['client->web', 'probe->web']);
    expect(await touches({ from: 'client' })).toEqual(['client->web']);
    await expect(touches({ from: 'planner' })).rejects.toThrow(
      'http-fault.from: expected one of client, probe, got "planner".',
    );
  });
});

describe('the proof', () => {
  const run = (block: object, options?: FakeOptions) =>
    newStage(options).run(planned('http-fault', { for: '1s', ...block }));

  it('is the status on both probe connections when the probe must be hit', async () => {
    expect(await run({ status: 503 })).toMatchObject({
      status: 'injected',
      injection: { held: 'http-503 after 1.00 ms', fresh: 'http-503 after 1.00 ms' },
    });
  });

  it('is the delay on both probe connections, also beyond their deadline', async () => {
    expect((await run({ delay: '200ms' })).injection?.held).toBe('ok after 201 ms');
    expect((await run({ delay: '2s' })).injection?.held).toBe('stalled after 400 ms');
  });

  it('is the count of the proxy when the probe may go free, and the probe is watched all the same', async () => {
    const record = await run({ status: 503, path: '/intentions', share: '50%' });
    expect(record).toMatchObject({
      status: 'injected',
      injection: { held: 'ok after 1.00 ms', fresh: 'ok after 1.00 ms' },
    });
    expect(record.injection?.evidence).toMatch(/^\d+ of \d+ selected requests were affected by then$/);
    expect((await run({ status: 503, from: 'client' })).injection?.held).toBe('no probe');
  });

  it('is missing when no request comes by: that is not a fault', async () => {
    expect(await run({ status: 503, path: '/intentions' }, { bypassed: true })).toMatchObject({
      status: 'not-injected',
      injection: { evidence: 'expected an affected request, 0 were selected so far' },
    });
  });
});

describe('the removal', () => {
  it('leaves the faults of others in place', async () => {
    const one = newStage();
    const other = {
      id: 'other',
      protocol: 'http' as const,
      links: ['client->web'],
      share: 0.1,
      seed: 1,
      status: 500,
      ttlMs: 600_000,
    };
    await one.world.platform.http?.put(other);
    const record = await one.run(planned('http-fault', { status: 503, for: '1s' }));
    expect(record.removal?.evidence).toMatch(/^http-fault-\S+ is gone, requests as before$/);
    expect([...one.target.http.placed.keys()]).toEqual(['other']);
  });
});
