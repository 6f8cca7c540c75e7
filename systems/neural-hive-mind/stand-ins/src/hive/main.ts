/** The hive as a process: `node main.js '{"instance": ..., "kafkaBrokers": ..., "specialists": {...}}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { type HiveConfig, readHiveConfig } from './config.ts';
import { startHive } from './hive.ts';

let config: HiveConfig;
try {
  config = readHiveConfig(readArgument(process.argv[2]));
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startHive(config), process.exit, config.graceMs);
