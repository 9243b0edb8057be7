export { governedAction } from './governed-action';
