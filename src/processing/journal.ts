/** The changes since the turn began, so that they can be taken back when the batch had no room and the lines come again. */
export class Journal {
  #undos: (() => void)[] = [];
  /** The changes from here on belong to a group that is open. */
  #mark = 0;

  /** Number of changes: a place to go back to. */
  get length(): number {
    return this.#undos.length;
  }

  add(undo: () => void): void {
    this.#undos.push(undo);
  }

  /** Takes back the changes [from, to), the last one first; later ones stay. */
  undo(from: number, to: number = this.#undos.length): void {
    for (const undo of this.#undos.splice(from, to - from).reverse()) undo();
  }

  mark(): void {
    this.#mark = this.#undos.length;
  }

  backToMark(): void {
    this.undo(this.#mark);
  }

  clear(): void {
    this.#undos = [];
    this.#mark = 0;
  }
}
