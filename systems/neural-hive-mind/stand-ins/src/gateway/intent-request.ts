/**
 * The body of POST /intentions, checked as FastAPI with pydantic 2 checks it, with the same 422 `detail`
 * array.
 */
import { checkBody, type Detail, type FieldReader } from './pydantic.ts';

export interface IntentRequest {
  readonly text: string;
  readonly language: string;
  readonly correlationId: string | null;
  readonly constraints: Constraints | null;
  readonly qos: Qos | null;
}

export interface Constraints {
  readonly priority: string;
  readonly deadline: string | number | null;
  readonly maxRetries: number;
  readonly timeoutMs: number | null;
  readonly requiredCapabilities: readonly string[];
  readonly securityLevel: string;
}

export interface Qos {
  readonly deliveryMode: string;
  readonly durability: string;
  readonly consistency: string;
}

export type Checked =
  | { readonly ok: true; readonly value: IntentRequest }
  | { readonly ok: false; readonly detail: readonly Detail[] };

export function readIntentRequest(body: Buffer): Checked {
  return checkBody(body, (reader) => ({
    text: reader.string('text', { min: 1, max: 10_000 }),
    language: reader.string('language', {}, 'pt-BR'),
    correlationId: reader.nullableString('correlation_id'),
    constraints: reader.nullableModel('constraints', readConstraints),
    qos: reader.nullableModel('qos', readQos),
  }));
}

function readConstraints(reader: FieldReader): Constraints {
  return {
    priority: reader.choice('priority', ['low', 'normal', 'high', 'critical'], 'normal'),
    deadline: reader.nullableDatetime('deadline'),
    maxRetries: reader.integer('max_retries', { ge: 0, le: 10 }, 3) ?? 3,
    timeoutMs: reader.integer('timeout_ms', { gt: 0 }, null),
    requiredCapabilities: reader.strings('required_capabilities'),
    securityLevel: reader.choice(
      'security_level',
      ['public', 'internal', 'confidential', 'restricted'],
      'internal',
    ),
  };
}

function readQos(reader: FieldReader): Qos {
  return {
    deliveryMode: reader.choice(
      'delivery_mode',
      ['at-most-once', 'at-least-once', 'exactly-once'],
      'exactly-once',
    ),
    durability: reader.choice('durability', ['transient', 'persistent'], 'persistent'),
    consistency: reader.choice('consistency', ['eventual', 'strong'], 'strong'),
  };
}
