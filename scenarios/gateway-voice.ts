/**
 * POST /intentions/voice: multipart audio. Each VU creates a few recordings once; the id is new each time.
 */
import http from 'k6/http';
import {
  address,
  defineScenario,
  iteration,
  iterationId,
  measure,
  seeded,
  timeLimit,
  token,
} from './gauntlet.ts';
import { wavOf } from './lib/audio.ts';
import { textOf } from './lib/corpus.ts';
import { gatewayOutcome } from './lib/outcome.ts';

export const options = defineScenario({
  summary: 'POST /intentions/voice: multipart audio',
  flows: { 'gateway.voice': { service: 'gateway', records: ['intentions.*'] } },
  timeLimit: '5s',
  vuMemory: '420kB',
});

/** Creating a recording costs more than sending it: each VU reuses a few recordings. */
const REPERTOIRE = 4;
const recordings = Array.from({ length: REPERTOIRE }, (_unused, index) =>
  wavOf(textOf(seeded(`recording/${index}`))),
);

export default iteration(() => {
  const body = {
    audio_file: http.file(seeded().pick(recordings), 'fala.wav', 'audio/wav'),
    language: 'pt-BR',
    correlation_id: `gauntlet-${iterationId()}`,
  };
  const url = `${address()}/intentions/voice`;
  measure(() => http.post(url, body, { headers: token(), timeout: timeLimit() }), gatewayOutcome);
});
