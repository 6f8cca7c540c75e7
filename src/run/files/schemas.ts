/**
 * The JSON Schemas that `gauntlet schema` prints and that schemas/ contains: of the files that users write,
 * and of those that a run writes.
 */
import { campaignSchema } from '../../config/campaign.ts';
import { type JsonSchema, jsonSchemaOf } from '../../config/json-schema.ts';
import { descriptionSchema } from '../../config/system/scenario-description.ts';
import { systemSchema } from '../../config/system/schema.ts';
import { targetSchema } from '../../config/target.ts';
import { anyAddressParts } from '../../config/target-services.ts';
import { blocksLineShape, gateFileShape } from '../../core/shapes/gate-shape.ts';
import { journalLineShape } from '../../core/shapes/journal-shape.ts';
import { messageShape } from '../../core/shapes/message-shape.ts';
import { nightShape } from '../../core/shapes/night-shape.ts';
import { resultShape } from '../../core/shapes/result-shape.ts';
import type { System } from '../../core/system.ts';
import { projectRoot } from '../../system/project.ts';
import { KNOWN_FAULTS } from './read-campaign.ts';
import { scenarioNames } from './scenario-names.ts';
import type { SchemaKind } from './schema-kinds.ts';
import { defaultSystem, findSystem } from './systems.ts';

export const schemaText = (kind: SchemaKind): string => `${JSON.stringify(SCHEMAS[kind](), null, 2)}\n`;

const SCHEMAS: Readonly<Record<SchemaKind, () => JsonSchema>> = {
  campaign() {
    const scenarios = scenarioNames(projectRoot, defaultSystem());
    const description = 'A campaign: load, faults and limits on a target (campaigns/*.yaml).';
    const about = { title: 'Gauntlet campaign', description };
    return jsonSchemaOf(campaignSchema({ scenarios, faults: KNOWN_FAULTS }), about);
  },
  target() {
    const description = 'A target: how to reach a system, how to act on it, what it allows (targets/*.yaml).';
    return jsonSchemaOf(targetSchema(theDefaultSystem(), anyAddressParts()), {
      title: 'Gauntlet target',
      description,
    });
  },
  system() {
    const description = 'A system under test: services, links, questions (systems/NAME/system.yaml).';
    return jsonSchemaOf(systemSchema, { title: 'Gauntlet system', description });
  },
  scenario() {
    const description = 'What a scenario says about itself: options.ext.gauntlet of its script.';
    return jsonSchemaOf(descriptionSchema, { title: 'Gauntlet scenario', description });
  },
  result() {
    const description = 'What a run found: result.json of its folder.';
    return jsonSchemaOf(resultShape, { title: 'Gauntlet result', description });
  },
  journal() {
    const description = 'One line of a journal of undos: journal.ndjson of a run.';
    return jsonSchemaOf(journalLineShape, { title: 'Gauntlet journal line', description });
  },
  gate() {
    const description = 'What a gate found: gate.json of its folder.';
    return jsonSchemaOf(gateFileShape, { title: 'Gauntlet gate', description });
  },
  blocks() {
    const description = 'One line of the blocks of a gate: blocks.ndjson of its folder.';
    return jsonSchemaOf(blocksLineShape, { title: 'Gauntlet gate block', description });
  },
  night() {
    const description = 'One night of a history: <campaign>/<environment key>/<yyyy>/<mm>/<id>.json in it.';
    return jsonSchemaOf(nightShape, { title: 'Gauntlet night', description });
  },
  message() {
    const description = 'What a webhook with format json gets: the body of its POST.';
    return jsonSchemaOf(messageShape, { title: 'Gauntlet message', description });
  },
};

/** Its names are keys of older target files. */
function theDefaultSystem(): System {
  const system = findSystem(null, '');
  if ('expected' in system)
    throw new Error(`package.json names a system that is not there: ${system.expected}`);
  return system;
}
