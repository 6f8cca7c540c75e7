/** gRPC: a unary method by the declared proto, the health check of the server, or a connection. */
import { wantedText } from '../../core/good-answer.ts';
import type { GrpcAsk, WantedFields } from '../../core/system.ts';
import { fillTexts } from '../../core/template.ts';
import type { AddressAt } from '../../core/topology.ts';
import { askWithin } from '../line/ask-within.ts';
import { bodyIn } from '../line/body.ts';
import { askForm } from '../line/form.ts';
import type { Dialler } from '../line/line.ts';
import type { Around, ProtocolFile } from '../line/protocol.ts';
import { checkAnswer } from './grpc-answer.ts';
import { type GrpcCall, GrpcLine } from './grpc-line.ts';
import { HEALTH_PATH, judgeHealth } from './health.ts';
import { grpcMethod } from './method.ts';

const form = askForm({
  keys: ['call'],
  shape: ({ text, body, fields }) => ({
    call: text('package.Service/Method', /^[\w.]+\/\w+$/),
    request: body.optional(),
    good: fields.optional(),
  }),
  read(written, bodyOf) {
    const [service = '', method = ''] = written.call.split('/');
    return { kind: 'grpc', service, method, request: bodyOf(written.request), fields: written.good ?? {} };
  },
});

/** A server without the health service has answered all the same. */
const HEALTH: GrpcCall = {
  path: HEALTH_PATH,
  request: () => Buffer.alloc(0),
  judge: () => judgeHealth,
  isGoodCode: (code) => code === 'UNIMPLEMENTED',
};

export const grpc: ProtocolFile = {
  name: 'grpc',
  defaultPort: null,
  forms: [form],
  builtIn: [],
  say: ({ question }) => {
    if (question?.kind !== 'grpc')
      return question === null
        ? { asks: HEALTH_PATH.slice(1), expects: 'SERVING, or a server without it' }
        : { asks: 'a connection', expects: 'that it is accepted' };
    const wanted = wantedText(question.fields);
    const expects = `OK${wanted === '' ? '' : ` with ${wanted}`}`;
    return { asks: `${question.service}/${question.method}`, expects };
  },
  dialler: ({ at, endpoint, question }, around) => {
    if (question?.kind === 'grpc') return diallerOf(at, callOf(question, endpoint.proto, around));
    return diallerOf(at, question === null ? HEALTH : null);
  },
  contract: ({ at, endpoint, question }, around, { bearer, timeoutMs }) => {
    if (question?.kind !== 'grpc' || bearer === undefined) return null;
    const metadata = { authorization: `Bearer ${bearer}` };
    return askWithin(diallerOf(at, { ...callOf(question, endpoint.proto, around), metadata }), timeoutMs);
  },
};

/** The first question opens the connection. */
const diallerOf = (at: AddressAt, call: GrpcCall | null): Dialler => ({
  dial: async (deadlineMs) => new GrpcLine(at, call, deadlineMs),
});

/** @throws usage for a request that is no message of the method, or a file that cannot be read. */
function callOf(ask: GrpcAsk, proto: string | null, around: Around): GrpcCall {
  const method = grpcMethod(ask.service, ask.method, proto);
  const body = ask.request === null ? {} : bodyIn(ask.request);
  // Refused now, and not at the first question.
  method.encode(fillTexts(body, around.words()));
  let words = around.words();
  return {
    path: method.path,
    request: () => {
      words = around.words();
      return method.encode(fillTexts(body, words));
    },
    judge: () => {
      const fields = fillTexts(ask.fields, words) as WantedFields;
      return (answer) => checkAnswer({ method, fields }, answer);
    },
    isGoodCode: () => false,
  };
}
