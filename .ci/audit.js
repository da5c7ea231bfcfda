// `npm run audit`: asks the registry for known flaws of what ships (npm audit, without development packages). Exit 1 for one of high or critical
// severity. Where the registry does not answer that question nothing is known, and the last line says so: that is no pass. `--report FILE` judges
// what `npm audit --json` printed earlier.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const serious = ['high', 'critical'];

function report() {
  const given = process.argv.indexOf('--report');
  if (given > 0) return readFileSync(process.argv[given + 1], 'utf8');
  const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return error === undefined ? stdout : JSON.stringify({ message: error.message });
}

function judge(text) {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    said = { message: 'npm audit printed no JSON' };
  }
  const totals = said?.metadata?.vulnerabilities;
  const checked = said?.metadata?.dependencies;
  // A report without its totals is an error's, whatever its exit code was.
  if (typeof totals?.high !== 'number' || typeof totals.critical !== 'number' || !(checked?.total > 0)) {
    const why = String(said?.message ?? said?.error?.summary ?? 'no totals in its answer').split('\n')[0];
    return {
      code: 0,
      lines: [`AUDIT SKIPPED, nothing was checked: ${why.replaceAll(/https?:\/\/\S+/g, 'the registry')}`],
    };
  }
  const found = Object.values(said.vulnerabilities ?? {}).map(
    ({ name, severity, range }) => `${severity}: ${name} ${range}`,
  );
  const bad = totals.high + totals.critical > 0;
  return {
    code: bad ? 1 : 0,
    lines: [
      ...found,
      `audit: ${totals.total} known flaws, ${serious.map((each) => `${totals[each]} ${each}`).join(', ')}`,
    ],
  };
}

const { code, lines } = judge(report());
for (const line of lines) console.log(line);
process.exit(code);
