/** The hive as a process: configured by its environment, or `node main.js '{"instance": ..., "kafkaBrokers": ..., ...}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { type HiveConfig, hiveEnvironment, readHiveConfig } from './config.ts';
import { startHive } from './hive.ts';

let config: HiveConfig;
try {
  config = readHiveConfig(
    process.argv[2] === undefined ? hiveEnvironment(process.env) : readArgument(process.argv[2]),
  );
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startHive(config), process.exit, config.graceMs);
