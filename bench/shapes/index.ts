export { bare } from './bare';
export { skeleton } from './skeleton';
