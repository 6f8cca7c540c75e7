/** A specialist as a process: configured by its environment, or `node main.js '{"specialist": "business", ...}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { readSpecialistConfig, type SpecialistConfig, specialistEnvironment } from './config.ts';
import { startSpecialist } from './specialist.ts';

let config: SpecialistConfig;
try {
  config = readSpecialistConfig(
    process.argv[2] === undefined ? specialistEnvironment(process.env) : readArgument(process.argv[2]),
  );
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startSpecialist(config), process.exit, config.graceMs);
