/** The gateway as a process: `node main.js '{"instance": ..., "host": ..., "httpPort": ..., ...}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { type GatewayConfig, readGatewayConfig } from './config.ts';
import { startGateway } from './gateway.ts';

let config: GatewayConfig;
try {
  config = readGatewayConfig(readArgument(process.argv[2]));
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startGateway(config), process.exit, config.graceMs);
