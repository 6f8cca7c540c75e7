/** The gateway as a process: configured by its environment, or `node main.js '{"instance": ..., "host": ..., ...}'`. */
import { readArgument } from '../config-reader.ts';
import { reportProblem, runService } from '../program.ts';
import { type GatewayConfig, gatewayEnvironment, readGatewayConfig } from './config.ts';
import { startGateway } from './gateway.ts';

let config: GatewayConfig;
try {
  config = readGatewayConfig(
    process.argv[2] === undefined ? gatewayEnvironment(process.env) : readArgument(process.argv[2]),
  );
} catch (error) {
  reportProblem('configuration', error);
  process.exit(64);
}
await runService(() => startGateway(config), process.exit, config.graceMs);
