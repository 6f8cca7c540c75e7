/** How the services in a test cluster are reached and broken, for people. */
import type { ServicesState } from '../state/cluster-state.ts';

/** Which campaign goes with it. */
const CAMPAIGN = 'campaigns/kubernetes-demo.yaml';

export const servicesLines = ({ target, ports }: ServicesState): readonly string[] => [
  ...Object.entries(ports).map(([name, port]) => `  ${name}: 127.0.0.1:${port}`),
  `  target: ${target}`,
  `  use it: node dist/src/cli/main.js run ${CAMPAIGN} --target ${target} --yes`,
];
