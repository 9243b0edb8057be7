import { FUEL_EXPORT, SETUP_FUEL } from '../../pdp/fuel';

/** Binaryen's own types leave out the classes that change an expression in place. */
type Binaryen = (typeof import('binaryen', { with: { 'resolution-mode': 'import' } }))['default'] & {
  readonly Loop: { getBody(loop: Expression): Expression; setBody(loop: Expression, body: Expression): void };
  readonly Function: { setBody(reference: number, body: Expression): void };
};
type Module = InstanceType<Binaryen['Module']>;
type Expression = number;

/**
 * Makes a policy that does not end, end: every loop and every function of the module first takes one from a counter, and traps when there
 * is nothing left. Functions count too, because rules that call each other twice, thirty levels deep, need no loop to run for hours.
 * The decision point fills the counter, exported as {@link FUEL_EXPORT}, before each evaluation. The same module always gives the same bytes.
 *
 * @throws Error for a module that holds an instruction we cannot look into: a loop may hide there.
 */
export async function addFuel(wasm: Uint8Array): Promise<Uint8Array> {
  // ESM with top-level await: import() is the only way to load it from CommonJS.
  const binaryen = (await import('binaryen')).default as Binaryen;
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(module.getFeatures() | binaryen.Features.MutableGlobals);
    module.addGlobal(FUEL_EXPORT, binaryen.i32, true, module.i32.const(SETUP_FUEL));
    module.addGlobalExport(FUEL_EXPORT, FUEL_EXPORT);
    const children = childFields(binaryen);
    for (let index = 0; index < module.getNumFunctions(); index += 1)
      meter(binaryen, module, children, module.getFunctionByIndex(index));
    if (module.validate() === 0)
      throw new Error(
        'The metered policy is not valid WebAssembly; please report this with the policy that caused it.',
      );
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function meter(binaryen: Binaryen, module: Module, children: ChildFields, reference: number): void {
  const { body, name } = binaryen.getFunctionInfo(reference);
  const imported = body === 0;
  if (imported) return;
  // A list instead of recursion: generated code nests thousands deep.
  const open: Expression[] = [body];
  for (let expression = open.pop(); expression !== undefined; expression = open.pop()) {
    const id = binaryen.getExpressionId(expression);
    const fields = children.get(id);
    if (fields === undefined)
      throw new Error(
        `The compiled policy cannot be metered: function ${name} holds an unknown instruction (${String(id)}).`,
      );
    if (fields.length === 0) continue;
    const info = binaryen.getExpressionInfo(expression) as unknown as Readonly<
      Record<string, Expression | readonly Expression[]>
    >;
    for (const field of fields) open.push(...present(info[field]));
    if (id === binaryen.LoopId)
      binaryen.Loop.setBody(expression, afterPaying(binaryen, module, binaryen.Loop.getBody(expression)));
  }
  binaryen.Function.setBody(reference, afterPaying(binaryen, module, body));
}

/** `if (fuel == 0) trap; fuel -= 1;` and then the expression. */
function afterPaying(binaryen: Binaryen, module: Module, expression: Expression): Expression {
  const fuel = (): Expression => module.global.get(FUEL_EXPORT, binaryen.i32);
  const stopIfEmpty = module.if(module.i32.eqz(fuel()), module.unreachable());
  const pay = module.global.set(FUEL_EXPORT, module.i32.sub(fuel(), module.i32.const(1)));
  return module.block(null, [stopIfEmpty, pay, expression], binaryen.getExpressionType(expression));
}

/** Which fields of `getExpressionInfo` are expressions. */
type ChildFields = ReadonlyMap<number, readonly string[]>;

/** Covers what OPA's compiler emits: WebAssembly 1.0 and bulk memory. Anything else is refused. */
function childFields(binaryen: Binaryen): ChildFields {
  return new Map([
    [binaryen.NopId, []],
    [binaryen.UnreachableId, []],
    [binaryen.ConstId, []],
    [binaryen.LocalGetId, []],
    [binaryen.GlobalGetId, []],
    [binaryen.MemorySizeId, []],
    [binaryen.BlockId, ['children']],
    [binaryen.IfId, ['condition', 'ifTrue', 'ifFalse']],
    [binaryen.LoopId, ['body']],
    [binaryen.BreakId, ['condition', 'value']],
    [binaryen.SwitchId, ['condition', 'value']],
    [binaryen.CallId, ['operands']],
    [binaryen.CallIndirectId, ['target', 'operands']],
    [binaryen.LocalSetId, ['value']],
    [binaryen.GlobalSetId, ['value']],
    [binaryen.LoadId, ['ptr']],
    [binaryen.StoreId, ['ptr', 'value']],
    [binaryen.UnaryId, ['value']],
    [binaryen.BinaryId, ['left', 'right']],
    [binaryen.SelectId, ['condition', 'ifTrue', 'ifFalse']],
    [binaryen.DropId, ['value']],
    [binaryen.ReturnId, ['value']],
    [binaryen.MemoryGrowId, ['delta']],
    [binaryen.MemoryCopyId, ['dest', 'source', 'size']],
    [binaryen.MemoryFillId, ['dest', 'value', 'size']],
  ]);
}

/** Binaryen says 0 for an expression that is not there. A field that does not exist would hide loops. */
function present(child: Expression | readonly Expression[] | undefined): readonly Expression[] {
  if (child === undefined)
    throw new Error(
      'The compiled policy cannot be metered: this version of binaryen describes instructions differently.',
    );
  return typeof child === 'number' ? (child === 0 ? [] : [child]) : child;
}
