/**
 * The one Kafka request that readiness needs, as bytes: Metadata v1 without topics (KIP-4; still served by 4.3).
 * A client library would cache its view of the cluster, and that view is what is in question here.
 */
const METADATA = 3;
const VERSION = 1;
const CLIENT_ID = 'gauntlet-kubelet';

export function metadataRequest(): Buffer {
  const name = Buffer.from(CLIENT_ID);
  const body = Buffer.alloc(2 + 2 + 4 + 2 + name.length + 4);
  let at = body.writeInt16BE(METADATA, 0);
  at = body.writeInt16BE(VERSION, at);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(name.length, at);
  at += name.copy(body, at);
  body.writeInt32BE(0, at);
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** The first whole answer (without its size, with its correlation id), or undefined while it is still coming. */
export function readFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 4) return undefined;
  const size = bytes.readInt32BE(0);
  return bytes.length >= 4 + size ? bytes.subarray(4, 4 + size) : undefined;
}

/** The node ids of the brokers that are alive; empty when the answer is none that we understand. */
export function brokerIds(frame: Buffer): readonly number[] {
  try {
    let at = 4;
    const count = frame.readInt32BE(at);
    at += 4;
    const ids: number[] = [];
    for (let index = 0; index < count; index += 1) {
      ids.push(frame.readInt32BE(at));
      const hostBytes = frame.readInt16BE(at + 4);
      const rackAt = at + 4 + 2 + hostBytes + 4;
      at = rackAt + 2 + Math.max(0, frame.readInt16BE(rackAt));
    }
    return ids;
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
