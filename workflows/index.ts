export { agentLifecycle } from './agent-lifecycle';
export { governedAction } from './governed-action';
