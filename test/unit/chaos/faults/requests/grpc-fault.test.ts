import { describe, expect, it } from 'vitest';
import type { Evidence, Proof } from '../../../../../src/chaos/fault.ts';
import { grpcFault } from '../../../../../src/chaos/faults/requests/grpc-fault.ts';
import type { ProbeSample } from '../../../../../src/core/samples.ts';
import { epochMs } from '../../../../../src/core/units.ts';
import { planned, stages } from '../../stage.ts';

const newStage = stages();
const problemsOf = (raw: unknown): string[] => {
  const parsed = grpcFault.parse(raw);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};
const BUSINESS = { service: 'orders', for: '1s' };
const planOf = (block: object) =>
  grpcFault.plan(planned('grpc-fault', { ...BUSINESS, ...block }).spec as never, newStage().world);

describe('parameters', () => {
  it('all problems come at once', () => {
    expect(problemsOf({ service: ' ', status: 'OK', method: 'a/b', share: '101%', for: '8s' })).toEqual([
      'service: the name of a service that speaks gRPC, such as orders; " "',
      'status: a gRPC status other than OK, such as UNAVAILABLE or RESOURCE_EXHAUSTED; "OK"',
      `method: a method's own name, such as Reserve; "a/b"`,
      'share: a share from 0% to 100%, such as 1% or 0.5%, greater than 0%; "101%"',
    ]);
  });

  it('a status is its number in gRPC', async () => {
    const status = async (name: string) => (await planOf({ status: name })).act.status;
    expect([await status('CANCELLED'), await status('UNAVAILABLE'), await status('UNAUTHENTICATED')]).toEqual(
      [1, 14, 16],
    );
  });
});

describe('the plan', () => {
  it('is on the links of all callers of the service, or of the one that was named', async () => {
    const all = ['client->orders', 'planner->orders', 'probe->orders'];
    expect((await planOf({ status: 'UNAVAILABLE' })).touches).toEqual(all);
    expect(await planOf({ status: 'UNAVAILABLE', from: 'planner' })).toMatchObject({
      touches: ['planner->orders'],
      probes: [],
      act: { protocol: 'grpc', watched: false },
    });
    await expect(planOf({ status: 'UNAVAILABLE', from: 'web' })).rejects.toThrow(
      'grpc-fault.from: expected one of client, planner, probe, got "web".',
    );
    await expect(planOf({ status: 'UNAVAILABLE', service: 'order' })).rejects.toThrow(
      /^grpc-fault\.service: expected one of .*orders.*, got "order"\. Did you mean orders\?$/,
    );
  });
});

describe('the proof', () => {
  const judge = async (block: object, held: string, fresh: string, hits = 3): Promise<Proof> => {
    const plan = await planOf(block);
    const samples = (outcome: string, connection: 'held' | 'fresh', from: number): ProbeSample[] =>
      [0, 100, 200].map((after) => ({
        probe: 'orders',
        connection,
        at: epochMs(from + after),
        tookMs: 2,
        ok: outcome === 'ok',
        outcome,
      }));
    const evidence: Evidence = {
      appliedAt: epochMs(1000),
      baseline: { held: samples('ok', 'held', 0), fresh: samples('ok', 'fresh', 0) },
      since: { held: samples(held, 'held', 1000), fresh: samples(fresh, 'fresh', 1000) },
      snapshotsBefore: [],
      snapshots: [
        { at: epochMs(1001), requests: [{ id: plan.act.id, links: [], requests: 0, hits: 0 }] },
        { at: epochMs(1051), requests: [{ id: plan.act.id, links: [], requests: 4, hits }] },
      ],
    };
    return grpcFault.expect(plan).judge(evidence);
  };
  const HIT = 'fault injected by gauntlet';

  it('is the status on both probe connections, by its name or, where clients hide it, by the message', async () => {
    expect(await judge({ status: 'UNAVAILABLE' }, HIT, HIT)).toMatchObject({
      kind: 'seen',
      at: 1002,
      evidence: '3 of 4 selected requests were affected by then',
    });
    const named = 'grpc-RESOURCE_EXHAUSTED';
    expect((await judge({ status: 'RESOURCE_EXHAUSTED' }, named, named)).kind).toBe('seen');
  });

  it('is not any other failure, and not one connection alone', async () => {
    expect((await judge({ status: 'UNAVAILABLE' }, 'reset', 'refused')).kind).toBe('not-yet');
    expect(await judge({ status: 'UNAVAILABLE' }, 'ok', HIT)).toMatchObject({
      kind: 'not-yet',
      evidence:
        '3 of 4 selected requests were affected by then; expected both probe connections to be answered with status 14',
    });
  });

  it('is the count of the proxy when only another method is hit', async () => {
    const block = { status: 'UNAVAILABLE', method: 'Reserve' };
    expect(await judge(block, 'ok', 'ok')).toMatchObject({ kind: 'seen', at: 1051, boundMs: 50 });
    expect(await judge(block, 'ok', 'ok', 0)).toMatchObject({
      kind: 'not-yet',
      evidence: 'expected an affected request, 4 were selected so far',
    });
  });
});
