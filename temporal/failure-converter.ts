import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts messages and stack traces of failures where the codec encrypts them. A file of its own, because the SDK takes a path: the workflow
 * bundle holds a copy of this module.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
