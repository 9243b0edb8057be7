import { type Pointer } from '../../domain/documents';
import { isObject, ownMember } from '../../domain/json';
import { type ActionTypeSource } from './action-type-shape';

type Schema = Readonly<Record<string, unknown>>;

/** What a pointer may name where it stands. */
export interface PointerScope {
  readonly actionType: ActionTypeSource;
  /** Steps whose results exist by then. */
  readonly steps: readonly string[];
  /** Whether facts are known: not while facts themselves are being fetched. */
  readonly facts: boolean;
  /** Whether the step's idempotency key is known. */
  readonly key: boolean;
}

/**
 * Why a pointer names nothing that is certain to be there, as the end of a sentence; `undefined` if it does.
 * A value that may be missing is refused here, because the alternative is an action that fails half done.
 */
export function checkPointer(pointer: Pointer, scope: PointerScope): string | undefined {
  const [, root, ...names] = pointer.split('/');
  const [name = ''] = names;
  switch (root) {
    case 'params':
      return checkParameter(names, scope.actionType.params);
    case 'facts': {
      const fact = ownMember(scope.actionType.facts, name);
      if (!scope.facts) return 'points to a fact before facts are known';
      if (fact === undefined) return `points to the fact "${name}", which is not declared`;
      return fact.missing === 'null' && names.length > 1
        ? `points into the fact "${name}", which may be null`
        : undefined;
    }
    case 'steps':
      return scope.steps.includes(name) ? undefined : `points to the step "${name}", which is not done by then`;
    case 'key':
      return scope.key && names.length === 0 ? undefined : 'points to the idempotency key, which is not known here';
    default:
      return 'points to nothing that an action knows';
  }
}

/** The schema that a `/params/…` pointer ends at, if every member on the way is declared. */
export function schemaAt(pointer: Pointer, params: Schema): Schema | undefined {
  const [, root, ...names] = pointer.split('/');
  let schema: unknown = root === 'params' ? params : undefined;
  for (const name of names) schema = propertyOf(schema, name);
  return isObject(schema) ? schema : undefined;
}

function checkParameter(names: readonly string[], params: Schema): string | undefined {
  let schema: unknown = params;
  for (const name of names) {
    const inner = propertyOf(schema, name);
    if (inner === undefined) return `points to the parameter "${names.join('/')}", which is not declared`;
    const required = isObject(schema) ? schema['required'] : undefined;
    if (!Array.isArray(required) || !required.includes(name))
      return `points to the parameter "${names.join('/')}", which may be absent`;
    schema = inner;
  }
  return names.length === 0 ? 'points to all parameters' : undefined;
}

function propertyOf(schema: unknown, name: string): unknown {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) ? ownMember(properties, name) : undefined;
}
