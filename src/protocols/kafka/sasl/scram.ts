/**
 * SASL SCRAM (RFC 5802, RFC 7677) without channel binding: the password is not sent, and the server proves that
 * it knows it, too. Texts are used as they are written, without SASLprep, as brokers and their own clients do.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { notAnAnswer } from '../../../system/foreign-bytes.ts';
import { ServerWord } from '../../line/line.ts';
import type { SaslExchange } from './exchange.ts';

export type ScramHash = 'sha256' | 'sha512';

const derive = promisify(pbkdf2);
const BYTES: Readonly<Record<ScramHash, number>> = { sha256: 32, sha512: 64 };
/** RFC 7677 asks for at least 4,096. */
const FEWEST_ROUNDS = 4096;
/** More would keep a core busy for seconds: nobody means that. */
const MOST_ROUNDS = 1_000_000;
const NO_BINDING = 'n,,';

export interface ScramOptions {
  readonly hash: ScramHash;
  readonly user: string;
  readonly password: string;
  /** Default: 24 random bytes. */
  readonly nonce?: string;
}

export function scramExchange({ hash, user, password, nonce = newNonce() }: ScramOptions): SaslExchange {
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  let signature: Buffer | undefined;

  async function prove(challenge: string): Promise<Buffer> {
    const fields = fieldsIn(challenge);
    const [both, salt, rounds] = [fields.get('r') ?? '', fields.get('s') ?? '', Number(fields.get('i'))];
    if (!both.startsWith(nonce) || both.length === nonce.length || salt === '') throw notAnAnswer('Kafka');
    if (!Number.isInteger(rounds) || rounds < FEWEST_ROUNDS || rounds > MOST_ROUNDS) {
      const limits = `from ${FEWEST_ROUNDS} to ${MOST_ROUNDS}`;
      throw new ServerWord('bad SCRAM', `${fields.get('i') ?? 'no'} iterations of SCRAM, expected ${limits}`);
    }
    const salted = await saltedPassword({ hash, password, salt, rounds });
    const key = hmac(hash, salted, 'Client Key');
    const final = `c=${Buffer.from(NO_BINDING).toString('base64')},r=${both}`;
    const message = `${bare},${challenge},${final}`;
    signature = hmac(hash, hmac(hash, salted, 'Server Key'), message);
    const mask = hmac(hash, createHash(hash).update(key).digest(), message);
    const proof = Buffer.from(key.map((byte, index) => byte ^ (mask[index] ?? 0)));
    return Buffer.from(`${final},p=${proof.toString('base64')}`);
  }

  function verify(expected: Buffer, challenge: string): void {
    const fields = fieldsIn(challenge);
    const failure = fields.get('e');
    if (failure !== undefined) throw new ServerWord('login refused', `SCRAM: ${failure}`);
    const got = Buffer.from(fields.get('v') ?? '', 'base64');
    if (got.length === expected.length && timingSafeEqual(got, expected)) return;
    throw new ServerWord(
      'bad SCRAM',
      'a server that does not know the password itself (its signature is wrong)',
      'Check the address: another server may answer there.',
    );
  }

  return {
    first: () => Buffer.from(`${NO_BINDING}${bare}`),
    async next(challenge) {
      const text = challenge.toString('utf8');
      if (signature === undefined) return await prove(text);
      verify(signature, text);
      return undefined;
    },
  };
}

/** Base64 has no comma, which parts the fields. */
const newNonce = (): string => randomBytes(24).toString('base64');

/** `r=…,s=…,i=…`; the first field of a name counts. */
function fieldsIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(',')) {
    const [, name, value] = /^([a-z])=(.*)$/is.exec(part) ?? [];
    if (name !== undefined && value !== undefined && !found.has(name)) found.set(name, value);
  }
  return found;
}

const hmac = (hash: ScramHash, key: Buffer, text: string): Buffer =>
  createHmac(hash, key).update(text).digest();

interface Salted {
  readonly hash: ScramHash;
  readonly password: string;
  readonly salt: string;
  readonly rounds: number;
}

/**
 * Kept, as RFC 5802 proposes: a probe logs in ten times a second, and each would cost some 10 ms of CPU. By a
 * digest, so that no password is a key of a map.
 */
const kept = new Map<string, Promise<Buffer>>();
const MOST_KEPT = 32;

function saltedPassword({ hash, password, salt, rounds }: Salted): Promise<Buffer> {
  const key = createHash('sha256')
    .update(JSON.stringify([hash, password, salt, rounds]))
    .digest('hex');
  const known = kept.get(key);
  if (known) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const fresh = derive(password, Buffer.from(salt, 'base64'), rounds, BYTES[hash], hash);
  kept.set(key, fresh);
  return fresh;
}
