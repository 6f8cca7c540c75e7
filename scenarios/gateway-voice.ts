/**
 * POST /intentions/voice: multipart audio. Each VU creates a few recordings once; the id is new each time.
 */
import http from 'k6/http';
import { wavOf } from './lib/audio.ts';
import { textOf } from './lib/corpus.ts';
import { scenarioName } from './lib/here.ts';
import { choicesOf, iterationKey } from './lib/identities.ts';
import { flowOf, optionsFor, readLoad, required } from './lib/load.ts';
import { markRequest, markStarted } from './lib/measured.ts';
import { gatewayOutcome } from './lib/outcome.ts';
import { chooser } from './lib/random.ts';
import { send } from './lib/request.ts';
import { iteration } from './lib/reserve.ts';

const load = readLoad();
const url = `${required('GAUNTLET_ADDRESS_GATEWAY')}/intentions/voice`;
const token = __ENV['GAUNTLET_TOKEN'];
/** Creating a recording costs more than sending it: each VU reuses a few recordings. */
const REPERTOIRE = 4;
const recordings = Array.from({ length: REPERTOIRE }, (_unused, index) =>
  wavOf(textOf(chooser(`${load.seed}/recording/${index}`))),
);

export const options = optionsFor(load, 'voice', {
  summary: 'POST /intentions/voice: multipart audio',
  flows: { 'gateway.voice': { service: 'gateway' } },
  timeLimit: '5s',
  vuMemory: '420kB',
});

export const voice = iteration(load, () => {
  const choose = choicesOf(load.seed);
  const body = {
    audio_file: http.file(choose.pick(recordings), 'fala.wav', 'audio/wav'),
    language: 'pt-BR',
    correlation_id: `gauntlet-${iterationKey(load.seed)}`,
  };
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const timeout = `${flowOf(load, scenarioName()).worstStallMs}ms`;
  markStarted();
  const sent = send(load, () => http.post(url, body, { headers, timeout }));
  markRequest(sent.spent, gatewayOutcome(sent));
});
