/** What the package gives to whoever imports it: all that an agent needs. Nothing but `guard` needs another package. */
export { Countersign, type ActOptions, type CountersignOptions, type SubmitOptions } from './countersign';
export { enrol, type Enrolled } from './enrol';
export { CountersignError } from './countersign-error';
export { type ActionHandle, type Claimed, type CompletionReport, type WaitOptions } from './action-handle';
export { type Credential } from './credential';
export { type GrantedWork } from './with-grant';
export { type ActionOutcome } from './action-outcome';
export { type GuardOptions, type GuardOutcome } from './guard-outcome';
export { type Tool } from './tool';
export { type Reason } from '../domain/action';
export { type Json, type JsonObject } from '../domain/json';
