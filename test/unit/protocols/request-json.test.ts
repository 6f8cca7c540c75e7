import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grpcMethod } from '../../../src/protocols/grpc/method.ts';
import { projectRoot } from '../../../src/system/project.ts';

const FOLDER = join(projectRoot, 'systems/neural-hive-mind/proto');
const SERVICE = 'neural_hive.specialist.SpecialistService';
const evaluate = (proto: string) => grpcMethod(SERVICE, 'EvaluatePlan', proto);

describe('a request over gRPC', () => {
  const { encode } = evaluate(join(FOLDER, 'specialist.proto'));

  it('has a map in the place of bytes sent as its JSON, and a text as base64', () => {
    const json = '{"n":1}';
    const expected = encode({ cognitive_plan: Buffer.from(json).toString('base64') });
    expect(encode({ cognitive_plan: { n: 1 } })).toEqual(expected);
    expect(expected.toString('latin1')).toContain(json);
  });

  it('takes a map of texts, and the protos of a folder', () => {
    const request = { plan_id: 'p', context: { tenant: 'a' } };
    expect(evaluate(FOLDER).encode(request)).toEqual(encode(request));
    expect(encode(request).toString('latin1')).toContain('tenant');
  });

  it('is refused with a field that its message does not have', () => {
    expect(() => encode({ plan_idd: 'p' })).toThrow(
      `${SERVICE}/EvaluatePlan: expected a request of ${SERVICE}/EvaluatePlan, got plan_idd, where it has plan_id, intent_id, correlation_id, trace_id, span_id, cognitive_plan, plan_version, context, timeout_ms. Did you mean plan_id?`,
    );
    expect(() => encode([])).toThrow('expected a map as its request, got []');
  });

  it('is of a method that the proto has', () => {
    expect(() => grpcMethod(SERVICE, 'EvaluatePlann', FOLDER)).toThrow(
      `expected this method in ${FOLDER}, got none. Did you mean ${SERVICE}/EvaluatePlan?`,
    );
  });
});
