/** The three services that the hive stands in for, in the order in which an intention crosses them. */
export const STAGES = ['semantic-translation-engine', 'consensus-engine', 'orchestrator-dynamic'] as const;
export type StageName = (typeof STAGES)[number];
