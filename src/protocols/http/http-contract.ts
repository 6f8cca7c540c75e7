/** A contract over HTTP: with the credentials of the load, and redirects as the load takes them. */
import { messageOf, show } from '../../core/errors.ts';
import { redact } from '../../core/secrets.ts';
import type { HttpAsk } from '../../core/system.ts';
import { fillTemplate, fillTexts } from '../../core/template.ts';
import type { AddressAt } from '../../core/topology.ts';
import { readBody } from '../../system/bounded-body.ts';
import { ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { tlsWords } from '../../system/tls/tls-words.ts';
import { bodyIn } from '../line/body.ts';
import { ServerWord } from '../line/line.ts';
import type { Around, ContractOptions } from '../line/protocol.ts';
import { type Fetched, fetchTls, type TlsRequest } from './fetch-tls.ts';
import { judgeHttp } from './http-answer.ts';

/** @throws ServerWord when the answer is not good; an error that says why there is none. */
export async function askHttpContract(
  { address, access }: AddressAt,
  ask: HttpAsk,
  { words: newWords }: Pick<Around, 'words'>,
  { bearer, follow, timeoutMs }: ContractOptions,
): Promise<void> {
  const words = newWords();
  const headers = Object.entries(ask.headers).map(([key, value]) => [key, fillTemplate(value, words)]);
  let answer: Fetched;
  let text: string;
  try {
    const url = `${address}${fillTemplate(ask.path, words)}`;
    const how: TlsRequest = {
      method: ask.method.toUpperCase(),
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(headers),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(ask.body !== null && { body: JSON.stringify(fillTexts(bodyIn(ask.body), words)) }),
      signal: AbortSignal.timeout(timeoutMs),
      // As the load does: a redirect is an answer, unless the campaign follows it.
      redirect: follow ? 'follow' : 'manual',
    };
    answer = await (access?.tls ? fetchTls(url, access.tls, how) : fetch(url, how));
    text = answer.body ? await readBody(answer.body, ANSWER_BYTES) : '';
  } catch (error) {
    const failed = tlsWords(error);
    if (failed !== undefined) throw new Error(failed.text, { cause: error });
    // fetch reports only that it failed; the cause is in the inner error.
    throw error instanceof TypeError && error.cause
      ? new Error(messageOf(error.cause), { cause: error })
      : error;
  }
  try {
    judgeHttp(answer.status, () => text, ask);
  } catch (error) {
    if (!(error instanceof ServerWord) || answer.status < 300 || answer.status > 399) throw error;
    const to = show(redact(answer.headers.get('location') ?? ''));
    const fix = `It redirects to ${to}: write that address into the target file, or redirects: 1 next to the scenario, so that both requests are timed.`;
    throw new ServerWord(error.message, error.got, fix);
  }
}
