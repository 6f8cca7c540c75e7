/** Kafka: ApiVersions of each broker; its contract is that every declared topic exists. Sends a record. */

import type { AddressAt } from '../../core/topology.ts';
import { PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { type Dialler, type Line, ServerWord } from '../line/line.ts';
import type { Asked, ProtocolFile } from '../line/protocol.ts';
import { KafkaConnection } from './connection.ts';
import { kafkaSender } from './kafka-sender.ts';
import {
  apiVersionsRequest,
  metadataRequest,
  type Request,
  readApiVersions,
  readMetadata,
} from './requests.ts';
import { closedWithout } from './wants-login.ts';
import type { WireReader } from './wire.ts';

const OPTIONS = { clientId: 'gauntlet', mostBytes: PROBE_ANSWER_BYTES } as const;
const CONTRACT = 'contract';

export const kafka: ProtocolFile = {
  name: 'kafka',
  defaultPort: 9092,
  forms: [],
  builtIn: [CONTRACT],
  isPerAddress: true,
  isStore: true,
  sendsTo: 'topic',
  login: ({ block, byToken, user, password, token, mechanism }) =>
    byToken('OAUTHBEARER', {
      password: block({
        user,
        password,
        mechanism: mechanism(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN']).optional(),
      }),
      token: block({ mechanism: mechanism(['OAUTHBEARER']), token }),
    }),
  say: (asked) => {
    const topics = topicsOf(asked);
    return topics.length === 0
      ? { asks: 'ApiVersions', expects: 'a list of versions' }
      : { asks: `Metadata of ${topics.join(', ')}`, expects: 'that each of these topics exists' };
  },
  dialler: (asked) => {
    const topics = topicsOf(asked);
    return kafkaDialler(asked.at, topics.length === 0 ? versions : existing(topics));
  },
  sender: (at, place) =>
    kafkaSender(
      at.map(({ address }) => address),
      place.topic ?? '',
      at[0]?.access,
    ),
};

/** Of a contract that is asked; no other question is about topics. */
const topicsOf = ({ ask, endpoint, question }: Asked): readonly string[] =>
  ask === CONTRACT && question === null ? (endpoint.topics ?? []) : [];

interface Asking {
  readonly request: Request;
  /** @throws ServerWord when the answer is not good. */
  judge(answer: WireReader): void;
}

/**
 * On a connection of ours: the broker's network layer alone answers it, so it shows reachability, not health.
 */
const versions: Asking = {
  request: apiVersionsRequest,
  judge(answer) {
    const code = readApiVersions(answer);
    if (code !== 0) throw new ServerWord(`kafka-error-${code}`);
  },
};

/** Asking creates none of them. */
const existing = (topics: readonly string[]): Asking => ({
  request: metadataRequest(topics),
  judge(answer) {
    const { topics: found } = readMetadata(answer);
    const missing = topics.filter((one) => (found.get(one) ?? []).length === 0);
    if (missing.length === 0) return;
    const got = `without ${missing.join(', ')}`;
    throw new ServerWord('topics missing', got, 'Create them, or correct topics in the system file.');
  },
});

const kafkaDialler = ({ address, access }: AddressAt, { request, judge }: Asking): Dialler => ({
  async dial(deadlineMs): Promise<Line> {
    const connection = await KafkaConnection.open(address, deadlineMs, { ...OPTIONS, access });
    return {
      get closed() {
        return connection.closed;
      },
      async ask() {
        const answer = await connection
          .request(request)
          .catch(async (error: unknown) => Promise.reject(await closedWithout(error, address, access)));
        try {
          judge(answer);
        } catch (error) {
          // An invalid answer ends the connection: later bytes on it cannot be trusted either.
          if (!(error instanceof ServerWord)) connection.close(error as Error);
          throw error;
        }
      },
      close: () => connection.close(),
    };
  },
});
