import { describe, expect, it } from 'vitest';
import { readIntentRequest } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/intent-request.ts';

const read = (body: unknown) => readIntentRequest(Buffer.from(JSON.stringify(body)));
const detailOf = (body: unknown) => {
  const checked = read(body);
  return checked.ok ? [] : checked.detail;
};

describe('the body of POST /intentions', () => {
  it('needs only a text, and fills in the defaults', () => {
    expect(read({ text: 'a b', constraints: {}, qos: {} })).toEqual({
      ok: true,
      value: {
        text: 'a b',
        language: 'pt-BR',
        correlationId: null,
        constraints: {
          priority: 'normal',
          deadline: null,
          maxRetries: 3,
          timeoutMs: null,
          requiredCapabilities: [],
          securityLevel: 'internal',
        },
        qos: { deliveryMode: 'exactly-once', durability: 'persistent', consistency: 'strong' },
      },
    });
  });

  it('leaves constraints and qos null when they are absent', () => {
    expect(read({ text: 'a b', constraints: null })).toMatchObject({
      value: { constraints: null, qos: null },
    });
  });

  it('reports a missing text with the whole body as input', () => {
    expect(detailOf({ language: 'en' })).toEqual([
      { type: 'missing', loc: ['body', 'text'], msg: 'Field required', input: { language: 'en' } },
    ]);
  });

  it('counts code points from 1 to 10000', () => {
    expect(detailOf({ text: '' })).toEqual([
      {
        type: 'string_too_short',
        loc: ['body', 'text'],
        msg: 'String should have at least 1 character',
        input: '',
        ctx: { min_length: 1 },
      },
    ]);
    expect(detailOf({ text: '𝄞'.repeat(10_000) })).toEqual([]);
    expect(detailOf({ text: 'x'.repeat(10_001) })[0]).toMatchObject({
      type: 'string_too_long',
      msg: 'String should have at most 10000 characters',
    });
  });

  it('reports every wrong field at once, in the order of the model', () => {
    const detail = detailOf({
      text: 5,
      correlation_id: 7,
      constraints: {
        priority: 'urgent',
        deadline: 'soon',
        max_retries: 11,
        timeout_ms: 0,
        required_capabilities: ['a', 1],
        security_level: 'x',
      },
      qos: { consistency: 'weak' },
    });
    expect(detail.map(({ type, loc, msg }) => [type, loc.join('.'), msg])).toEqual([
      ['string_type', 'body.text', 'Input should be a valid string'],
      ['string_type', 'body.correlation_id', 'Input should be a valid string'],
      ['enum', 'body.constraints.priority', "Input should be 'low', 'normal', 'high' or 'critical'"],
      [
        'datetime_from_date_parsing',
        'body.constraints.deadline',
        'Input should be a valid datetime or date, input is too short',
      ],
      ['less_than_equal', 'body.constraints.max_retries', 'Input should be less than or equal to 10'],
      ['greater_than', 'body.constraints.timeout_ms', 'Input should be greater than 0'],
      ['string_type', 'body.constraints.required_capabilities.1', 'Input should be a valid string'],
      [
        'enum',
        'body.constraints.security_level',
        "Input should be 'public', 'internal', 'confidential' or 'restricted'",
      ],
      ['enum', 'body.qos.consistency', "Input should be 'eventual' or 'strong'"],
    ]);
  });

  it.each([
    ['3', undefined],
    [3.5, 'int_from_float'],
    ['x', 'int_parsing'],
    [null, 'int_type'],
    [-1, 'greater_than_equal'],
  ])('takes max_retries %j as pydantic does in lax mode', (value, type) => {
    expect(detailOf({ text: 'a b', constraints: { max_retries: value } })[0]?.type).toBe(type);
  });

  it('distinguishes no body, broken JSON and JSON that is no object', () => {
    expect(readIntentRequest(Buffer.alloc(0))).toEqual({
      ok: false,
      detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
    });
    expect(readIntentRequest(Buffer.from('{"text": '))).toMatchObject({
      detail: [{ type: 'json_invalid', msg: 'JSON decode error' }],
    });
    expect(detailOf([1])[0]).toMatchObject({ type: 'model_attributes_type', loc: ['body'] });
    expect(detailOf({ text: 'a b', qos: 3 })[0]).toMatchObject({
      type: 'model_attributes_type',
      loc: ['body', 'qos'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
    });
  });
});
