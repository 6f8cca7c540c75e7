/**
 * ApiVersions on a connection of ours: the broker's network layer alone answers it, so it shows reachability,
 * not health.
 */
import { KafkaConnection } from '../../protocols/kafka/connection.ts';
import { apiVersionsRequest, readApiVersions } from '../../protocols/kafka/requests.ts';
import type { WireReader } from '../../protocols/kafka/wire.ts';
import { PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { type Dialler, ServerWord } from './line.ts';

const OPTIONS = { clientId: 'gauntlet', mostBytes: PROBE_ANSWER_BYTES } as const;

export const kafkaDialler = (address: string): Dialler => ({
  async dial(deadlineMs) {
    const connection = await KafkaConnection.open(address, deadlineMs, OPTIONS);
    return {
      get closed() {
        return connection.closed;
      },
      async ask() {
        const code = readOrClose(connection, await connection.request(apiVersionsRequest));
        if (code !== 0) throw new ServerWord(`kafka-error-${code}`);
      },
      close: () => connection.close(),
    };
  },
});

/** An invalid answer ends the connection: later bytes on it cannot be trusted either. */
function readOrClose(connection: KafkaConnection, answer: WireReader): number {
  try {
    return readApiVersions(answer);
  } catch (error) {
    connection.close(error as Error);
    throw error;
  }
}
