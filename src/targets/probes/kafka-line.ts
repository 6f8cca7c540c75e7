/** ApiVersions on a connection of ours: answered by the broker's network layer alone, so it tells reachability, not health. */
import { PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { KafkaConnection } from '../kafka/connection.ts';
import { API_VERSIONS, apiVersionsBody, readApiVersions } from '../kafka/requests.ts';
import { type Dialler, ServerWord } from './line.ts';

export const kafkaDialler = (address: string): Dialler => ({
  async dial(deadlineMs) {
    const connection = await KafkaConnection.open(address, deadlineMs, PROBE_ANSWER_BYTES);
    return {
      get closed() {
        return connection.closed;
      },
      async ask() {
        const code = readOrClose(connection, await connection.request(API_VERSIONS, apiVersionsBody));
        if (code !== 0) throw new ServerWord(`kafka-error-${code}`);
      },
      close: () => connection.close(),
    };
  },
});

/** An answer that is none ends the connection: whatever follows on it is not to be believed either. */
function readOrClose(connection: KafkaConnection, answer: Buffer): number {
  try {
    return readApiVersions(answer);
  } catch (error) {
    connection.close(error as Error);
    throw error;
  }
}
