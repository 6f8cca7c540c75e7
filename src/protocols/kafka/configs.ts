/** Settings of topics, and of brokers. */
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

const TOPIC = 2;
const BROKER = 4;
/** `config_source` of a value that is set on the topic itself; every other one is inherited. */
const OF_TOPIC = 1;

export const describeTopicsRequest = (topics: readonly string[], setting: string): Request =>
  describeRequest(TOPIC, topics, setting);

/**
 * Asks a broker for settings of brokers. It answers for itself alone and refuses every other id, so the one
 * that it answers for is its own; metadata does not say who answers.
 */
export const whichBrokerRequest = (ids: readonly number[]): Request =>
  describeRequest(BROKER, ids.map(String), 'node.id');

/** Null: it does not say, as to a user who may not read settings. */
export function readWhichBroker(reader: WireReader): number | null {
  const [own, ...more] = readSettings(reader).filter((one) => one.error === 0);
  return own === undefined || more.length > 0 ? null : Number(own.name);
}

function describeRequest(kind: number, names: readonly string[], setting: string): Request {
  const writer = new WireWriter();
  writer.array(names, (name) => {
    writer
      .int8(kind)
      .string(name)
      .array([setting], (one) => writer.string(one));
  });
  return { name: 'DescribeConfigs', key: 32, version: 1, body: writer.int8(0).finish() };
}

export interface SettingAnswer {
  readonly topic: string;
  readonly error: number;
  /** Null: Kafka does not know this setting, or does not show it. */
  readonly value: string | null;
  /** Whether it is set on the topic itself. */
  readonly isOwn: boolean;
}

export const readTopicSettings = (reader: WireReader): readonly SettingAnswer[] =>
  readSettings(reader).map(({ name: topic, ...one }) => ({ topic, ...one }));

function readSettings(
  reader: WireReader,
): readonly (Omit<SettingAnswer, 'topic'> & { readonly name: string })[] {
  reader.int32(); // throttle time
  return reader.array(() => {
    const error = reader.int16();
    reader.string(); // error message
    reader.int8(); // kind
    const name = reader.string() ?? '';
    const settings = reader.array(() => {
      reader.string(); // its name
      const value = reader.string();
      reader.int8(); // read-only
      const isOwn = reader.int8() === OF_TOPIC;
      reader.int8(); // sensitive
      reader.array(() => [reader.string(), reader.string(), reader.int8()]); // synonyms
      return { value, isOwn };
    });
    return { name, error, ...(settings[0] ?? { value: null, isOwn: false }) };
  });
}

/** By topic; one in error is left out. */
export const readTopicSetting = (reader: WireReader): ReadonlyMap<string, string> =>
  new Map(
    readTopicSettings(reader).flatMap(({ topic, error, value }) =>
      error === 0 && value !== null ? [[topic, value] as const] : [],
    ),
  );

const SET = 0;
const DELETE = 1;

/**
 * Changes this one setting and leaves every other as it is.
 * @param value null: the topic has none of its own any more. @param onlyTry Kafka checks it and changes nothing.
 */
export function alterTopicRequest(
  topic: string,
  setting: string,
  value: string | null,
  onlyTry = false,
): Request {
  const writer = new WireWriter();
  writer.array([topic], (name) => {
    writer.int8(TOPIC).string(name);
    writer.array([setting], (key) => {
      writer
        .string(key)
        .int8(value === null ? DELETE : SET)
        .string(value);
    });
  });
  const body = writer.int8(onlyTry ? 1 : 0).finish();
  return { name: 'IncrementalAlterConfigs', key: 44, version: 0, body };
}

export interface Altered {
  readonly error: number;
  /** Kafka's own words. */
  readonly message: string | null;
}

/** Of the one topic that was asked. */
export function readAltered(reader: WireReader): Altered {
  reader.int32(); // throttle time
  const [only] = reader.array(() => {
    const answer = { error: reader.int16(), message: reader.string() };
    reader.int8(); // kind
    reader.string(); // topic
    return answer;
  });
  if (only === undefined) throw new Error('an answer about no topic');
  return only;
}
