/**
 * A round trip through the system: sent to one service, heard on a WebSocket of another within a time. The
 * held connection is the WebSocket; what is sent has a connection of its own.
 */
import type { ConnectionOptions } from 'node:tls';
import WebSocket from 'ws';
import { addressOf, formatAddress } from '../../core/address.ts';
import { mismatchOf, wantedText } from '../../core/good-answer.ts';
import type { EchoAsk, WantedFields } from '../../core/system.ts';
import { fillTemplate, fillTexts } from '../../core/template.ts';
import type { AddressAt } from '../../core/topology.ts';
import { PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { tlsOptions } from '../../system/tls/tls-options.ts';
import { bodyIn } from '../line/body.ts';
import { askForm } from '../line/form.ts';
import { type Dialler, type Line, outcomeOf, ServerWord } from '../line/line.ts';
import type { Around, Said, Sender } from '../line/protocol.ts';

const PORT = 80;
const PATH = /^\/\S*$/;
const EMPTY = { kind: 'json', json: {} } as const;
// biome-ignore lint/suspicious/noTemplateCurlyInString: the word of a question, as a system file has it
const ID = '${id}';

export const echoForm = askForm({
  keys: ['send', 'hear'],
  shape: ({ block, text, body, fields, duration }) => ({
    send: block({
      to: text('the service that it is sent to'),
      topic: text('a Kafka topic').optional(),
      channel: text('a Redis channel').optional(),
      json: body,
    }).describe('what is sent where'),
    hear: block({
      websocket: text('a path such as /events', PATH),
      json: fields,
      within: duration('10ms'),
    }).describe('the message that must come back'),
  }),
  read({ send, hear }, bodyOf) {
    const { to, topic, channel, json } = send;
    const place = { ...(topic !== undefined && { topic }), ...(channel !== undefined && { channel }) };
    return {
      kind: 'echo',
      send: { to, ...place, body: bodyOf(json) ?? EMPTY },
      ...{ websocket: hear.websocket, fields: hear.json, withinMs: hear.within },
    };
  },
  refusal: ({ hear, send }) => {
    if ((send.topic === undefined) === (send.channel === undefined))
      return { key: 'send', expected: 'a topic or a channel' };
    // Another message, or an earlier one, would be taken for the answer.
    if (!JSON.stringify(hear.json).includes(ID))
      return {
        key: 'hear',
        expected: `a field whose value is ${ID}, which tells one round trip from another`,
      };
    return undefined;
  },
});

const placeOf = ({ send }: EchoAsk): string =>
  send.topic === undefined ? `channel ${send.channel ?? ''}` : `topic ${send.topic}`;

export const sayEcho = (ask: EchoAsk): Said => ({
  asks: `a message to ${ask.send.to}, ${placeOf(ask)}, heard on ${ask.websocket}`,
  expects: `one with ${wantedText(ask.fields)} within ${ask.withinMs / 1000} s`,
});

/** @throws usage when nothing can be sent to that service, or the file of the body cannot be read. */
export function echoDialler({ address, access }: AddressAt, ask: EchoAsk, around: Around): Dialler {
  const body = bodyIn(ask.send.body);
  const { to, topic, channel } = ask.send;
  const place = { ...(topic !== undefined && { topic }), ...(channel !== undefined && { channel }) };
  // Refused now, and not at the first question.
  around.sender(to, place).close();
  return {
    async dial(deadlineMs) {
      const path = fillTemplate(ask.websocket, around.words());
      const at = addressOf(address, PORT);
      const url = `${access?.tls ? 'wss' : 'ws'}://${formatAddress(at)}${path}`;
      const socket = await opened(url, deadlineMs, access?.tls ? tlsOptions(access.tls, at.host) : {});
      return new EchoLine(socket, around.sender(to, place), { ask, body, around });
    },
  };
}

function opened(url: string, deadlineMs: number, tls: ConnectionOptions): Promise<WebSocket> {
  const options = {
    ...tls,
    handshakeTimeout: deadlineMs,
    maxPayload: PROBE_ANSWER_BYTES,
    perMessageDeflate: false,
  };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ...options, followRedirects: false });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      reject(new ServerWord(`http-${response.statusCode ?? 0}`));
    });
    // Also keeps a later error from being thrown: the line reads the close that follows it.
    socket.on('error', (error) => {
      const isLate = /handshake has timed out/.test(error.message);
      reject(isLate ? new Error(`no connection in ${deadlineMs} ms`) : error);
    });
  });
}

interface EchoQuestion {
  readonly ask: EchoAsk;
  readonly body: unknown;
  readonly around: Around;
}

interface Round {
  readonly fields: WantedFields;
  heard(): void;
  lost(error: Error): void;
}

class EchoLine implements Line {
  readonly #socket: WebSocket;
  readonly #sender: Sender;
  readonly #question: EchoQuestion;
  #round: Round | undefined;

  constructor(socket: WebSocket, sender: Sender, question: EchoQuestion) {
    this.#socket = socket;
    this.#sender = sender;
    this.#question = question;
    socket.on('message', (data) => this.#read(String(data)));
    socket.on('close', () => this.#round?.lost(new Error('connection closed')));
  }

  get closed(): boolean {
    return this.#socket.readyState !== WebSocket.OPEN;
  }

  async ask(): Promise<void> {
    if (this.closed) throw new Error('connection closed');
    const { ask, body, around } = this.#question;
    const words = around.words();
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<void>((resolve, reject) => {
      this.#round = {
        fields: fillTexts(ask.fields, words) as WantedFields,
        heard: resolve,
        lost: reject,
      };
      timer = setTimeout(() => {
        reject(new ServerWord('not heard', `nothing within ${ask.withinMs / 1000} s`));
      }, ask.withinMs);
    });
    const sent = this.#sender
      .send(JSON.stringify(fillTexts(body, words)), ask.withinMs)
      // The WebSocket is not the one that failed: it stays.
      .catch((error: unknown) => {
        throw new ServerWord(`not sent: ${outcomeOf(error)}`);
      });
    try {
      await Promise.all([sent, heard]);
    } finally {
      clearTimeout(timer);
      this.#round = undefined;
    }
  }

  close(): void {
    this.#sender.close();
    this.#socket.terminate();
  }

  #read(text: string): void {
    if (this.#round === undefined) return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (mismatchOf(this.#round.fields, message) === null) this.#round.heard();
  }
}
