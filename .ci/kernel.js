// Compiles the kernel (src/kernel/assembly, AssemblyScript) to WebAssembly and writes it, as base64, into src/kernel/binary.ts:
// `npm run kernel` after a change there. The result is the same on every machine; a test holds that it is what the sources give.
import asc from 'assemblyscript/asc';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'src/kernel/binary.ts');

/** The text of src/kernel/binary.ts for the sources as they are. */
export async function compileKernel() {
  const files = new Map();
  const flags = ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--importMemory', '--zeroFilledMemory'];
  const { error, stderr } = await asc.main(
    ['src/kernel/assembly/index.ts', ...flags, '--enable', 'simd', '--outFile', 'kernel.wasm'],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(root, base ?? '', name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => void files.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`the kernel does not compile: ${error.message}\n${stderr.toString()}`);
  const warnings = stderr.toString();
  if (warnings !== '') process.stderr.write(warnings);
  const base64 = Buffer.from(files.get('kernel.wasm')).toString('base64');
  return [
    '// Made by `npm run kernel` from src/kernel/assembly: not to be edited.',
    '',
    '/** The kernel as WebAssembly, in base64. */',
    `export const kernelBinary =\n  '${base64}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await compileKernel());
