/** What `process.constrainedMemory()` says where nothing limits the process. */
const noLimit = 2 ** 40;

/** The memory that the cgroup allows, in bytes; undefined when it sets no limit. */
export function memoryLimit(): number | undefined {
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes < noLimit ? bytes : undefined;
}
