/** Configuration of a specialist program. */

import { ConfigReader } from '../config-reader.ts';
import { type Environment, numberIn, placeIn } from '../environment.ts';
import { SPECIALISTS, type Specialist } from '../specialists.ts';

export interface SpecialistConfig {
  readonly specialist: Specialist;
  readonly instance: string;
  readonly host: string;
  readonly grpcPort: number;
  /** For its probes in pods. Null: gRPC alone, as in the sandbox. */
  readonly httpPort: number | null;
  /** Delay of an evaluation, in place of the real one's models and stores. */
  readonly evaluationMs: number;
  /** Threads of the real server's pool: further evaluations queue. */
  readonly workers: number;
  readonly graceMs: number;
}

export function specialistEnvironment(environment: Environment): Readonly<Record<string, unknown>> {
  return {
    ...placeIn(environment),
    specialist: environment['SPECIALIST'],
    grpcPort: numberIn(environment, 'PORT'),
  };
}

/** @throws GauntletError (usage) with every problem of the object. */
export function readSpecialistConfig(source: Readonly<Record<string, unknown>>): SpecialistConfig {
  const reader = new ConfigReader(source);
  const config: SpecialistConfig = {
    specialist: reader.oneOf('specialist', SPECIALISTS),
    instance: reader.text('instance'),
    host: reader.text('host'),
    grpcPort: reader.port('grpcPort'),
    httpPort: reader.has('httpPort') ? reader.port('httpPort') : null,
    // The documents report about 160 ms in heuristic mode with its stores; the stand-in has no stores.
    evaluationMs: reader.ms('evaluationMs', 5),
    workers: reader.number('workers', { min: 1, max: 1000, whole: true }, 10),
    graceMs: reader.ms('graceMs', 5000),
  };
  reader.finish();
  return config;
}
