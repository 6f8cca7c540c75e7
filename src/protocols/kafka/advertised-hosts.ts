/** Where a Kafka says that its brokers are, on the listener that is asked. */
import { messageOf } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { KafkaConnection } from './connection.ts';
import { metadataRequest, readMetadata } from './requests.ts';

const DEADLINE_MS = 1000;
const MOST_BYTES = 1024 * 1024;

/** As the first broker that answers says. @throws Error with why each of them did not. */
export async function advertisedHosts(brokers: readonly KafkaEndpoint[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { client, access } of brokers) {
    try {
      return await askHosts(client, access);
    } catch (error) {
      failed.push(`${client}: ${messageOf(error)}`);
    }
  }
  throw new Error(failed.join('; '));
}

async function askHosts(client: string, access: KafkaEndpoint['access']): Promise<readonly string[]> {
  const options = { clientId: 'gauntlet', mostBytes: MOST_BYTES, access };
  const connection = await KafkaConnection.open(client, DEADLINE_MS, options);
  const late = (): void => connection.close(new Error(`no answer in ${DEADLINE_MS} ms`));
  const timer = setTimeout(late, DEADLINE_MS);
  try {
    return readMetadata(await connection.request(metadataRequest([]))).brokers.map(({ host }) => host);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
