/** ApiVersions on a connection of ours: answered by the broker's network layer alone, so it tells reachability, not health. */
import { KafkaConnection } from '../kafka/connection.ts';
import { API_VERSIONS, apiVersionsBody } from '../kafka/requests.ts';
import type { Dialler } from './line.ts';

export const kafkaDialler = (address: string): Dialler => ({
  async dial(deadlineMs) {
    const connection = await KafkaConnection.open(address, deadlineMs);
    return {
      get closed() {
        return connection.closed;
      },
      async ask() {
        await connection.request(API_VERSIONS, apiVersionsBody);
      },
      close: () => connection.close(),
    };
  },
});
