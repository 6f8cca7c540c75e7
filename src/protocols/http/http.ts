/** HTTP/1.1: one request, and an answer judged by its status and fields. Redirects are answers. */
import { addressOf, formatAddress } from '../../core/address.ts';
import { rangesText, wantedText } from '../../core/good-answer.ts';
import { HTTP_METHODS, type HttpAsk } from '../../core/system.ts';
import { fillTemplate, fillTexts } from '../../core/template.ts';
import { bodyIn } from '../line/body.ts';
import { askForm } from '../line/form.ts';
import type { Around, ProtocolFile, Said } from '../line/protocol.ts';
import { connectDialler, type SocketProtocol, socketDialler } from '../line/socket-line.ts';
import { echoDialler, echoForm, sayEcho } from './echo.ts';
import { httpAnswer } from './http-answer.ts';
import { askHttpContract } from './http-contract.ts';

const PORT = 80;
const PATH = /^\/\S*$/;
const DEFAULT = { statuses: [[200, 299]] as const, fields: {} };

/** Where no question is written: any answer below 500 to `GET /`. */
const USUAL: HttpAsk = {
  ...{ kind: 'http', method: 'get', path: '/', headers: {}, body: null },
  ...{ statuses: [[100, 499]], fields: {} },
};

const form = askForm({
  keys: HTTP_METHODS,
  shape: ({ text, headers, body, good }) => {
    const path = text('a path such as /health', PATH).optional();
    return {
      ...{ get: path, post: path, put: path, patch: path, delete: path, head: path },
      ...{ headers: headers.optional(), json: body.optional(), good: good.optional() },
    };
  },
  read(written, bodyOf) {
    const method = HTTP_METHODS.find((one) => written[one] !== undefined) ?? 'get';
    return {
      ...{ kind: 'http', method, path: written[method] ?? '/', headers: written.headers ?? {} },
      ...{ body: bodyOf(written.json), ...(written.good ?? DEFAULT) },
    };
  },
  refusal(written) {
    const [, second] = HTTP_METHODS.filter((one) => written[one] !== undefined);
    if (second !== undefined) return { key: second, expected: 'one method of a question' };
    const isHead = written.head !== undefined;
    if (isHead && Object.keys(written.good?.fields ?? {}).length > 0)
      return { key: 'good', expected: 'a status: the answer to head has no body' };
    return undefined;
  },
});

export const http: ProtocolFile = {
  name: 'http',
  defaultPort: PORT,
  forms: [form, echoForm],
  builtIn: [],
  say: ({ question }) =>
    question?.kind === 'echo'
      ? sayEcho(question)
      : question?.kind === 'connect'
        ? { asks: 'a connection', expects: 'that it is accepted' }
        : sayHttp(question?.kind === 'http' ? question : USUAL),
  dialler: ({ at, question }, around) => {
    if (question?.kind === 'echo') return echoDialler(at, question, around);
    if (question?.kind === 'connect') return connectDialler(addressOf(at.address, PORT), at.access);
    const asked = question?.kind === 'http' ? question : USUAL;
    return socketDialler(httpProtocol(at.address, asked, around), at.access);
  },
  contract: (asked, around, options) =>
    asked.question?.kind === 'http' ? askHttpContract(asked.at, asked.question, around, options) : null,
};

function sayHttp({ method, path, statuses, fields }: HttpAsk): Said {
  const wanted = wantedText(fields);
  const expects = `${rangesText(statuses)}${wanted === '' ? '' : ` with ${wanted}`}`;
  return { asks: `${method.toUpperCase()} ${path}`, expects };
}

/** A body is sent as JSON. @throws usage when the file of its body cannot be read. */
export function httpProtocol(url: string, ask: HttpAsk, around: Pick<Around, 'words'>): SocketProtocol {
  const address = addressOf(url, PORT);
  const host = formatAddress(address);
  const json = ask.body === null ? undefined : bodyIn(ask.body);
  const request = (): Buffer => {
    const words = around.words();
    const body = json === undefined ? null : JSON.stringify(fillTexts(json, words));
    const headers = [
      `Host: ${host}`,
      'Connection: keep-alive',
      ...Object.entries(ask.headers).map(([name, value]) => `${name}: ${fillTemplate(value, words)}`),
      ...(body === null
        ? []
        : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    const line = `${ask.method.toUpperCase()} ${fillTemplate(ask.path, words)} HTTP/1.1`;
    return Buffer.from(`${[line, ...headers].join('\r\n')}\r\n\r\n${body ?? ''}`);
  };
  return { ...address, request, reader: () => httpAnswer(ask) };
}
