/** A specialist as a process: `node main.js '{"specialist": "business", "instance": ..., ...}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { readSpecialistConfig, type SpecialistConfig } from './config.ts';
import { startSpecialist } from './specialist.ts';

let config: SpecialistConfig;
try {
  config = readSpecialistConfig(readArgument(process.argv[2]));
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startSpecialist(config), process.exit, config.graceMs);
