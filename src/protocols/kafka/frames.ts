/** Frames of a Kafka connection: four bytes of length, then the correlation id and the answer. */
import { ByteQueue, type ForeignBytes, notAnAnswer } from '../../system/foreign-bytes.ts';

const ID_BYTES = 4;
/** A length alone is no reason to take all the memory that it asks for. */
const MOST_RESERVED = 8 * 1024 * 1024;

export interface KafkaFrame {
  readonly correlation: number;
  /** The bytes after the correlation id. */
  readonly answer: Buffer;
}

export class KafkaFrames {
  readonly #most: number;
  readonly #queue: ByteQueue;

  /** @param most bytes of one frame. @param keepsMemory see ByteQueue. */
  constructor(most: number, keepsMemory = false) {
    this.#most = most;
    this.#queue = new ByteQueue(keepsMemory);
  }

  /** Bytes of an incomplete frame. */
  get kept(): number {
    return this.#queue.length;
  }

  /**
   * The frames that this chunk completes. @throws ForeignBytes as soon as a length is not possible for an
   * answer.
   */
  push(chunk: Buffer): KafkaFrame[] {
    this.#queue.push(chunk);
    const frames: KafkaFrame[] = [];
    while (this.#queue.length >= 4) {
      const { bytes } = this.#queue;
      const size = bytes.readInt32BE(0);
      if (size < ID_BYTES || size > this.#most) throw this.#foreign(bytes);
      if (bytes.length < 4 + size) {
        this.#queue.reserve(Math.min(4 + size, MOST_RESERVED));
        break;
      }
      const frame = this.#queue.take(4 + size);
      frames.push({ correlation: frame.readInt32BE(4), answer: frame.subarray(8) });
    }
    return frames;
  }

  #foreign(bytes: Buffer): ForeignBytes {
    const foreign = notAnAnswer('Kafka', bytes);
    this.#queue.clear();
    return foreign;
  }
}
