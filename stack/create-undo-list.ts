type Undo = () => void | Promise<void>;

export interface UndoList {
  add(undo: Undo): void;
  /** Undoes in reverse order, once. One that fails does not keep the others from their turn; all failures are thrown at the end. */
  undoAll(): Promise<void>;
}

/** What has been started so far and must be stopped again, in the end or after a start that failed half-way. */
export function createUndoList(): UndoList {
  const undos: Undo[] = [];
  return {
    add: (undo) => void undos.push(undo),
    async undoAll() {
      const failures: unknown[] = [];
      for (const undo of undos.splice(0).reverse()) {
        try {
          await undo();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length === 1) throw failures[0];
      if (failures.length > 1) throw new AggregateError(failures, 'Several parts could not be stopped.');
    },
  };
}
