import { DatabaseError } from 'pg';
import { commitRefusalOf, failureOf, refusalOf } from '../../../providers/postgres/judge-error';

const said = (code: string, severity = 'ERROR'): DatabaseError =>
  Object.assign(new DatabaseError(`CANARY ${code}`, 1, 'error'), { code, severity });

it.each([
  ['23505', 'target_refused_23505'],
  ['42501', 'target_refused_42501'],
  ['22P02', 'target_refused_22P02'],
  ['P0001', 'target_refused_P0001'],
  ['40001', 'target_busy'],
  ['40P01', 'target_busy'],
  ['53300', 'target_busy'],
  ['55P03', 'target_busy'],
  ['57014', 'target_busy'],
  ['08006', 'not_committed'],
  ['25P03', 'not_committed'],
  ['28P01', 'not_committed'],
])('before COMMIT, %s is %s', (state, code) => {
  expect(refusalOf(said(state), 'not_committed')).toBe(code);
});

it('before COMMIT, an error without a state says nothing but that nothing was done', () => {
  for (const error of [new Error('CANARY'), said('CANARY'), said('; drop')])
    expect(refusalOf(error, 'not_sent')).toBe('not_sent');
});

it('at COMMIT, only an ERROR says that nothing was done', () => {
  expect(commitRefusalOf(said('23505'))).toBe('target_refused_23505');
  expect(commitRefusalOf(said('40001'))).toBe('target_busy');
  expect(commitRefusalOf(said('57P01', 'FATAL'))).toBeUndefined();
  expect(commitRefusalOf(said('XX000', 'PANIC'))).toBeUndefined();
  expect(commitRefusalOf(said('57P01', 'СБОЙ'))).toBeUndefined();
  expect(commitRefusalOf(new Error('Connection terminated'))).toBeUndefined();
});

it('a question that was not answered has a code, and never the words of the server', () => {
  expect(failureOf(said('42P01'))).toBe('target_error_42P01');
  expect(failureOf(new Error('CANARY'))).toBe('target_connection_lost');
});
