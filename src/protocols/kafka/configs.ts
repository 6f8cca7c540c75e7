/** Settings of topics. */
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

const TOPIC = 2;

export function describeTopicsRequest(topics: readonly string[], setting: string): Request {
  const writer = new WireWriter();
  writer.array(topics, (topic) => {
    writer
      .int8(TOPIC)
      .string(topic)
      .array([setting], (one) => writer.string(one));
  });
  return { name: 'DescribeConfigs', key: 32, version: 1, body: writer.int8(0).finish() };
}

/** By topic; one in error is left out. */
export function readTopicSetting(reader: WireReader): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  reader.int32(); // throttle time
  reader.array(() => {
    const error = reader.int16();
    reader.string(); // error message
    reader.int8(); // kind
    const topic = reader.string() ?? '';
    reader.array(() => {
      reader.string(); // its name
      const value = reader.string();
      for (let byte = 0; byte < 3; byte += 1) reader.int8(); // read-only, source, sensitive
      reader.array(() => [reader.string(), reader.string(), reader.int8()]); // synonyms
      if (error === 0 && value !== null) values.set(topic, value);
    });
  });
  return values;
}
