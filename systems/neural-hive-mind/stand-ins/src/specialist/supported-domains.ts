import type { Specialist } from '../../../../../src/core/topology.ts';

const DOMAINS: Readonly<Record<Specialist, string>> = {
  business: 'workflow-analysis kpi-evaluation cost-optimization process-mining demand-forecasting',
  technical: 'security-analysis architecture-review performance-optimization code-quality technical-debt',
  behavior: 'ux-analysis accessibility-evaluation usability-testing user-experience interaction-design',
  evolution:
    'maintainability-analysis scalability-evaluation extensibility-design tech-debt-assessment architectural-evolution',
  architecture:
    'design-patterns solid-principles coupling-cohesion separation-of-concerns layering-modularity',
};

/** The five domains of a specialist (services/specialist-{type}/src/config.py). */
export const supportedDomains = (specialist: Specialist): readonly string[] => DOMAINS[specialist].split(' ');
