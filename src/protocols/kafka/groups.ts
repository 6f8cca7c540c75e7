/** Consumer groups: where their coordinator is, how they are, and how far they have come. */
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

const GROUP = 0;

export const findCoordinatorRequest = (group: string): Request => ({
  name: 'FindCoordinator',
  key: 10,
  version: 1,
  body: new WireWriter().string(group).int8(GROUP).finish(),
});

/** Its node id; null: there is none now. */
export function readCoordinator(reader: WireReader): number | null {
  reader.int32(); // throttle time
  const error = reader.int16();
  reader.string(); // error message
  const node = reader.int32();
  return error === 0 && node >= 0 ? node : null;
}

export const describeGroupsRequest = (groups: readonly string[]): Request => ({
  name: 'DescribeGroups',
  key: 15,
  version: 1,
  body: namesOf(groups),
});

function namesOf(groups: readonly string[]): Buffer {
  const writer = new WireWriter();
  return writer.array(groups, (group) => writer.string(group)).finish();
}

/** The state of each group; a group in error, and one that does not exist, is left out. */
export function readGroupStates(reader: WireReader): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  reader.int32(); // throttle time
  reader.array(() => {
    const error = reader.int16();
    const [group, state] = [reader.string() ?? '', reader.string() ?? ''];
    reader.string(); // type of protocol
    reader.string(); // protocol
    reader.array(() => {
      for (let text = 0; text < 3; text += 1) reader.string(); // member, client, host
      reader.bytes(); // metadata
      reader.bytes(); // assignment
    });
    if (error === 0 && state !== 'Dead') states.set(group, state);
  });
  return states;
}

/** Of all partitions that the group has committed. */
export const offsetFetchRequest = (group: string): Request => ({
  name: 'OffsetFetch',
  key: 9,
  version: 2,
  body: new WireWriter().string(group).int32(-1).finish(),
});

/** By `topic/partition`; null when the coordinator does not know. */
export function readCommittedOffsets(reader: WireReader): ReadonlyMap<string, number> | null {
  const offsets = new Map<string, number>();
  reader.array(() => {
    const topic = reader.string() ?? '';
    reader.array(() => {
      const partition = reader.int32();
      const offset = Number(reader.int64());
      reader.string(); // metadata
      const error = reader.int16();
      if (error === 0 && offset >= 0) offsets.set(`${topic}/${partition}`, offset);
    });
  });
  return reader.int16() === 0 ? offsets : null;
}
