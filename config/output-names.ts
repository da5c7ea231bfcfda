import type { ConfigProblem } from '../src/types/errors.js';
import { suggestion } from './did-you-mean.js';
import { quote } from './mask.js';
import type { Catalogue } from './schema.js';
import { globalSettings, outputPrefix, reservedNames, variablePrefix } from './schema.js';

/** An output that was named, in PANNIER_OUTPUTS or in the YAML file. */
export interface NamedOutput {
  readonly name: string;
  readonly type: string;
}

/** Not more than file systems take in a file name: the dead-letter file bears the name. */
const nameMaxLength = 100;

/**
 * The items of PANNIER_OUTPUTS, `type` or `name=type`, by the rules of the contract ("Named outputs"). `declared` gives the types that the
 * YAML file has for names, so that the environment may choose among the outputs of the file.
 */
export function nameOutputs(
  items: readonly string[],
  where: string,
  catalogue: Catalogue,
  declared: readonly NamedOutput[],
): { readonly outputs: readonly NamedOutput[]; readonly problems: readonly ConfigProblem[] } {
  const outputs = new Map<string, NamedOutput>();
  const problems: ConfigProblem[] = [];
  if (items.length === 0) problems.push({ where, problem: 'names no output', suggestion: 'stdout prints the records' });
  for (const item of items) {
    const equals = item.indexOf('=');
    const name = (equals === -1 ? item : item.slice(0, equals)).trim();
    const type =
      equals === -1 ? (declared.find((output) => output.name === name)?.type ?? name) : item.slice(equals + 1).trim();
    const problem = outputProblem(name, type, catalogue);
    if (problem !== undefined) problems.push({ where, ...problem });
    else if (outputs.has(name)) problems.push({ where, problem: `${quote(name)} is named twice` });
    else outputs.set(name, { name, type });
  }
  return { outputs: [...outputs.values()], problems };
}

/** What is wrong with an output's name or type; undefined when both are well. */
export function outputProblem(
  name: string,
  type: string,
  catalogue: Catalogue,
): Omit<ConfigProblem, 'where'> | undefined {
  const types = Object.keys(catalogue);
  if (!types.includes(type)) {
    return {
      problem: `there is no output type ${quote(type)}; there are: ${types.join(', ')}`,
      suggestion:
        suggestion(type, types) ?? (name === type ? `for an output of that name write ${name}=<type>` : undefined),
    };
  }
  if (name === type) return undefined;
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > nameMaxLength) {
    const problem = `${quote(name)} is not a name for an output`;
    return { problem, suggestion: `lower-case letters, digits and "-", a letter first, at most ${nameMaxLength}` };
  }
  if (types.includes(name))
    return { problem: `an output of type ${type} can not be called ${name}: that is another type` };
  const clash = clashOf(name);
  if (clash === undefined) return undefined;
  return {
    problem: `an output can not be called ${name}: its variables would meet ${clash}`,
    suggestion: 'choose another name',
  };
}

/** A setting that the variables of an output would be taken for: an output `drain` has `PANNIER_DRAIN_…`. */
export function clashOf(name: string): string | undefined {
  const prefix = outputPrefix(name);
  const taken = [...Object.values(globalSettings).map(({ env }) => env), ...reservedNames];
  const met = taken.find((env) => `${variablePrefix}${env}_`.startsWith(prefix));
  if (met !== undefined) return `${variablePrefix}${met}`;
  // Kubernetes would be taken for the author of every variable of an output `x-service-port`.
  return isServiceLink(`${prefix}URL`) ? 'those that Kubernetes sets for services' : undefined;
}

/** Variables that Kubernetes sets in each container for a service whose name begins with `pannier` (contract, "Values"). */
export function isServiceLink(variable: string): boolean {
  return /^PANNIER_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/.test(
    variable,
  );
}
