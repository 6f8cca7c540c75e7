/**
 * Why a broker closed a connection on which nobody had logged in: a SASL listener answers ApiVersions to anybody,
 * and closes at every other request without a word.
 */
import type { Access } from '../../core/access.ts';
import { ServerWord } from '../line/line.ts';
import { KafkaConnection } from './connection.ts';
import { readSaslHandshake, saslHandshakeRequest } from './sasl-requests.ts';

const DEADLINE_MS = 1000;
const OPTIONS = { clientId: 'gauntlet', mostBytes: 64 * 1024 };

/** @returns the error, or ServerWord with the mechanisms that the listener offers. */
export async function closedWithout(
  error: unknown,
  address: string,
  access: Access | undefined,
): Promise<unknown> {
  if (access?.login !== undefined || !(error instanceof Error) || error.message !== 'connection closed')
    return error;
  const offered = await mechanismsAt(address, access).catch(() => []);
  if (offered.length === 0) return error;
  const got = `a listener that requires a login (${offered.join(', ')})`;
  const next = 'Write login: { user: …, password: env:… } of this service in the target file.';
  return new ServerWord('login required', got, next);
}

async function mechanismsAt(address: string, access: Access | undefined): Promise<readonly string[]> {
  const connection = await KafkaConnection.open(address, DEADLINE_MS, { ...OPTIONS, access });
  const timer = setTimeout(() => connection.close(new Error(`no answer in ${DEADLINE_MS} ms`)), DEADLINE_MS);
  try {
    // No mechanism has this name: the answer is the list.
    return readSaslHandshake(await connection.request(saslHandshakeRequest('GAUNTLET'))).mechanisms;
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
