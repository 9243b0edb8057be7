// The small mistakes that a source file could hold: each is one replacement of a piece of its text.
import ts from 'typescript';

const { SyntaxKind: Kind } = ts;

/** What each operator could have been by mistake. */
const OPERATORS = new Map([
  [Kind.EqualsEqualsEqualsToken, ['!==']],
  [Kind.ExclamationEqualsEqualsToken, ['===']],
  [Kind.LessThanToken, ['<=', '>=']],
  [Kind.LessThanEqualsToken, ['<', '>']],
  [Kind.GreaterThanToken, ['>=', '<=']],
  [Kind.GreaterThanEqualsToken, ['>', '<']],
  [Kind.AmpersandAmpersandToken, ['||']],
  [Kind.BarBarToken, ['&&']],
  [Kind.QuestionQuestionToken, ['&&']],
  [Kind.PlusToken, ['-']],
  [Kind.MinusToken, ['+']],
  [Kind.AsteriskToken, ['/']],
  [Kind.SlashToken, ['*']],
]);

/** Methods that are taken for one another, or forgotten (`undefined`). */
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['filter', undefined],
  ['sort', undefined],
  ['reverse', undefined],
  ['slice', undefined],
  ['subarray', undefined],
]);

const isLoopCondition = (node) =>
  (ts.isForStatement(node.parent) && node.parent.condition === node) ||
  (ts.isWhileStatement(node.parent) && node.parent.expression === node);
const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/**
 * Every mutant of a text: `what` for people, and the text from `start` to `end` with what stands there `instead`. `reached` is the same text with
 * a mark that tells whether it ran at all. Conditions of loops are left alone: a loop that never ends tells only of the time-out.
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const original = (node) => node.getText(source);

  function add(node, instead, what = `${short(original(node))} → ${short(instead) || 'nothing'}`) {
    const [start, end] = [node.getStart(source), node.end];
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    const statement = ts.isStatement(node);
    const reached = statement
      ? `{ globalThis.reached = true; ${original(node)} }`
      : `(globalThis.reached = true, ${original(node)})`;
    mutants.push({ file, line, start, end, instead, what, reached });
  }

  function visit(node) {
    if (
      ts.isTypeNode(node) ||
      ts.isImportDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node)
    )
      return;
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const condition = ts.isIfStatement(node) ? node.expression : node.condition;
      for (const always of ['true', 'false']) add(condition, always);
    }
    if (ts.isBinaryExpression(node)) mutateBinary(node);
    if (ts.isPrefixUnaryExpression(node) && node.operator === Kind.ExclamationToken)
      add(node, `!!${original(node.operand)}`);
    if (node.kind === Kind.TrueKeyword) add(node, 'false');
    if (node.kind === Kind.FalseKeyword) add(node, 'true');
    if (ts.isNumericLiteral(node)) add(node, `(${node.text} + 1)`, `${original(node)} → ${Number(node.text) + 1}`);
    // Sentences are for people: only words that programs read are mutated.
    if (
      ts.isStringLiteral(node) &&
      /^\S+$/.test(node.text) &&
      !ts.isPropertyAssignment(node.parent.name === node ? node.parent : node)
    )
      add(node, "''");
    if (ts.isRegularExpressionLiteral(node)) mutatePattern(node);
    if (ts.isCallExpression(node)) mutateCall(node);
    if (ts.isThrowStatement(node)) add(node, ';', `drops ${short(original(node))}`);
    if (ts.isExpressionStatement(node)) add(node, ';', `drops ${short(original(node))}`);
    if (ts.isContinueStatement(node)) add(node, ';', 'drops continue');
    ts.forEachChild(node, (child) => {
      if (!isLoopCondition(child)) visit(child);
    });
  }

  function mutateBinary(node) {
    const text = isText(node.left) || isText(node.right);
    if (text && node.operatorToken.kind === Kind.PlusToken) return;
    const [left, right] = [original(node.left), original(node.right)];
    for (const operator of OPERATORS.get(node.operatorToken.kind) ?? [])
      add(node, `(${left}) ${operator} (${right})`, `${short(original(node))} → ${operator}`);
  }

  function mutatePattern(node) {
    const [, body, flags] = /^\/(.*)\/([a-z]*)$/s.exec(node.text);
    if (body.startsWith('^')) add(node, `/${body.slice(1)}/${flags}`, `${node.text} without ^`);
    if (body.endsWith('$')) add(node, `/${body.slice(0, -1)}/${flags}`, `${node.text} without $`);
  }

  function mutateCall(node) {
    const { expression: callee } = node;
    if (!ts.isPropertyAccessExpression(callee) || !METHODS.has(callee.name.text)) return;
    const instead = METHODS.get(callee.name.text);
    const object = original(callee.expression);
    if (instead === undefined) add(node, object, `${short(original(node))} → without .${callee.name.text}`);
    else add(callee, `${object}.${instead}`, `.${callee.name.text} → .${instead} in ${short(original(node))}`);
  }

  visit(source);
  return mutants;
}

function short(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
