/** The environment variable of a setting of the output `name`, for messages: `CA_FILE` of `audit-log` is `PANNIER_AUDIT_LOG_CA_FILE`. */
export function variableOf(name: string, setting: string): string {
  return `PANNIER_${name.toUpperCase().replaceAll('-', '_')}_${setting}`;
}
