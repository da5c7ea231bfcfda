import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const rotateBytes = 64 * 1024 * 1024;
const oldFiles = 3;
const lineBytes = 400;
const tickMs = 20;

/** Writes numbered lines of 400 B to one file at a steady rate, and renames it away when it is large, as logrotate does. */
export class Application {
  lines = 0;
  bytes = 0;
  rotations = 0;
  #path;
  #rate;
  #file;
  #inFile = 0;
  #timer;
  #begun = 0;
  #filling = 'x'.repeat(lineBytes);

  constructor(path, bytesPerSecond) {
    this.#path = path;
    this.#rate = bytesPerSecond;
    this.#file = openSync(path, 'a');
  }

  start() {
    this.#begun = performance.now();
    this.#timer = setInterval(() => this.#write(), tickMs);
  }

  async stop() {
    clearInterval(this.#timer);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write() {
    const due = Math.floor((((performance.now() - this.#begun) / 1000) * this.#rate - this.bytes) / lineBytes);
    if (due <= 0) return;
    let text = '';
    for (let line = 0; line < due; line++)
      text += `${`L${String(this.lines + line).padStart(10, '0')} ${this.#filling}`.slice(0, lineBytes - 1)}\n`;
    this.bytes += writeSync(this.#file, text);
    this.#inFile += due * lineBytes;
    this.lines += due;
    if (this.#inFile >= rotateBytes) this.#rotate();
  }

  #rotate() {
    const old = (number) => `${this.#path}.${number}`;
    rmSync(old(oldFiles), { force: true });
    for (let number = oldFiles - 1; number >= 1; number--)
      if (existsSync(old(number))) renameSync(old(number), old(number + 1));
    renameSync(this.#path, old(1));
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a');
    this.#inFile = 0;
    this.rotations += 1;
  }
}
