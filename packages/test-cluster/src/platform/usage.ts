/** Help text: how to use the services in a test cluster, and how to inject faults into them. */
import type { ServicesState } from '../state/cluster-state.ts';

/** The campaign for this target. */
const CAMPAIGN = 'campaigns/kubernetes-demo.yaml';

export const servicesLines = ({ target, ports }: ServicesState): readonly string[] => [
  ...Object.entries(ports).map(([name, port]) => `  ${name}: 127.0.0.1:${port}`),
  `  target: ${target}`,
  `  use it: node dist/src/cli/main.js run ${CAMPAIGN} --target ${target} --yes`,
];
