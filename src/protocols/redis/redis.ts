/** Redis: ECHO and a write that changes nothing; sends with PUBLISH. */
import { addressOf } from '../../core/address.ts';
import type { Login } from '../../core/login.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { askWithin } from '../line/ask-within.ts';
import { type Dialler, ServerWord } from '../line/line.ts';
import type { Asked, ProtocolFile } from '../line/protocol.ts';
import { type AnswerReader, type SocketProtocol, socketDialler } from '../line/socket-line.ts';
import { encodeCommand } from './command.ts';
import { authCommand, nextAfter, refusedLogin } from './log-in.ts';
import { sayMembers } from './members.ts';
import { redisSender } from './redis-sender.ts';
import { severalDialler } from './several-questions.ts';

const PORT = 6379;
/**
 * Size of the payload of ECHO, each way: small for a network, large enough to show a narrow bandwidth.
 */
export const REDIS_PAYLOAD_BYTES = 1024;
const LONGEST_ERROR = 1024;
const LONGEST_WORD = 60;
const OK = Buffer.from('+OK\r\n');
const MINUS = 0x2d;
const WRITE = 'write';

export const redis: ProtocolFile = {
  name: 'redis',
  defaultPort: PORT,
  forms: [],
  builtIn: [WRITE, 'contract'],
  isStore: true,
  sendsTo: 'channel',
  login: ({ block, user, password }) => block({ user: user.optional(), password }),
  say: (asked) => {
    const { asks, expects } = isWrite(asked)
      ? { asks: 'SETRANGE of nothing', expects: 'that a write is accepted' }
      : { asks: 'ECHO of 1 KiB', expects: 'the same 1 KiB' };
    const { nodes } = asked.at;
    if (nodes === undefined) return { asks, expects };
    return nodes.kind === 'cluster'
      ? { asks: `${asks} at every master`, expects: `${expects}, and that every slot is served` }
      : { asks: `${asks} at the master of Sentinels`, expects };
  },
  dialler: (asked: Asked): Dialler => {
    const { nodes, access } = asked.at;
    if (nodes !== undefined) return severalDialler(nodes, access, isWrite(asked));
    const { host, port } = addressOf(asked.at.address, PORT);
    const protocol = (isWrite(asked) ? redisWriteProtocol : redisProtocol)(host, port);
    const { login } = asked.at.access ?? {};
    return socketDialler({ ...protocol, ...(login && { opening: opening(login) }) }, asked.at.access);
  },
  contract(asked, around, { timeoutMs }) {
    const { nodes, access } = asked.at;
    if (nodes === undefined) return null;
    return sayMembers(nodes, access, timeoutMs).then(() =>
      askWithin(redis.dialler(asked, around), timeoutMs),
    );
  },
  members: ({ nodes, access }, timeoutMs) =>
    nodes === undefined ? null : sayMembers(nodes, access, timeoutMs),
  sender: ([first], place) =>
    redisSender(
      {
        ...addressOf(first?.address ?? '', PORT),
        ...(first?.access && { access: first.access }),
        ...(first?.nodes && { nodes: first.nodes }),
      },
      place.channel ?? '',
    ),
};

const isWrite = ({ ask, question }: Asked): boolean => ask === WRITE && question === null;

/** ECHO of 1 KiB: uses no key, and its time shows latency and bandwidth. The answer is the same bytes. */
export function redisProtocol(host: string, port: number): SocketProtocol {
  const payload = 'g'.repeat(REDIS_PAYLOAD_BYTES);
  const echo = Buffer.from(`$${REDIS_PAYLOAD_BYTES}\r\n${payload}\r\n`);
  const request = Buffer.concat([Buffer.from('*2\r\n$4\r\nECHO\r\n'), echo]);
  const read: AnswerReader = (bytes) => {
    if (bytes[0] === MINUS) return redisError(bytes);
    const begun = Math.min(bytes.length, echo.length);
    if (!bytes.subarray(0, begun).equals(echo.subarray(0, begun))) throw notAnAnswer('Redis', bytes);
    return begun === echo.length ? begun : undefined;
  };
  return { host, port, request: () => request, reader: () => read };
}

/**
 * SETRANGE of an empty value on a missing key: Redis counts it as a write (it waits in a pause of writes, and
 * is refused out of memory or by a replica), and it creates no key. The answer is the length of the stored
 * value: 0.
 */
export function redisWriteProtocol(host: string, port: number): SocketProtocol {
  const key = 'gauntlet:write-probe';
  const request = Buffer.from(`*4\r\n$8\r\nSETRANGE\r\n$${key.length}\r\n${key}\r\n$1\r\n0\r\n$0\r\n\r\n`);
  const read: AnswerReader = (bytes) => {
    if (bytes[0] === MINUS) return redisError(bytes);
    const text = bytes.toString('latin1', 0, 24);
    const answer = /^:\d{1,18}\r\n/.exec(text)?.[0];
    if (answer !== undefined) return answer.length;
    if (!/^:\d{0,18}\r?$/.test(text)) throw notAnAnswer('Redis', bytes);
    return undefined;
  };
  return { host, port, request: () => request, reader: () => read };
}

/** The password is read for each connection: it may have been renewed. */
const opening = (login: Login): NonNullable<SocketProtocol['opening']> => ({
  request: () => encodeCommand(authCommand(login)),
  reader: () => (bytes) => {
    if (bytes[0] === MINUS) return redisError(bytes, login);
    if (bytes.equals(OK)) return bytes.length;
    if (!OK.subarray(0, bytes.length).equals(bytes)) throw notAnAnswer('Redis', bytes);
    return undefined;
  },
});

/** @throws ServerWord with the server's own text, as soon as its line is complete. */
function redisError(bytes: Buffer, login?: Login): undefined {
  const end = bytes.indexOf('\r\n');
  if (end >= 0 && end <= LONGEST_ERROR) {
    const text = bytes.toString('utf8', 1, end);
    const refused = login && refusedLogin(login, text);
    throw refused ?? new ServerWord(text.slice(0, LONGEST_WORD), text, nextAfter(text));
  }
  if (bytes.length > LONGEST_ERROR) throw notAnAnswer('Redis', bytes);
  return undefined;
}
