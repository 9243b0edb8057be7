import { type Json } from '../domain/json';
import { REPORT_LIMITS } from '../domain/reported-decision';
import { JsonRefusedError, parseJsonStrict } from '../evidence/parse-json';
import { CountersignError } from './countersign-error';
import { jsonText } from './json-text';

/** The parameters as they are decided on and recorded, apart from the caller's own, which may change. @throws CountersignError, TypeError */
export function exactParams(params: object): Json {
  try {
    return parseJsonStrict(jsonText(params), {
      maxBytes: REPORT_LIMITS.bytes,
      maxDepth: REPORT_LIMITS.depth,
      maxNodes: REPORT_LIMITS.nodes,
    });
  } catch (error) {
    if (!(error instanceof JsonRefusedError)) throw error;
    const message = `The parameters cannot be recorded: ${error.message}.`;
    throw new CountersignError(message, { code: 'invalid_json', status: 0, cause: error });
  }
}
