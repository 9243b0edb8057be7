export { agentLifecycle } from './agent-lifecycle';
export { departure } from './departure';
export { governedAction } from './governed-action';
