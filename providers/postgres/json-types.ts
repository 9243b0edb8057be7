import { types, type CustomTypesConfig } from 'pg';

const { builtins } = types;

const asNumber = (text: string): unknown => {
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text;
};

/** What JSON has a word for. Everything else (numeric, dates, uuids, arrays …) stays the text that Postgres writes. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.BOOL]: (text) => text === 't',
  [builtins.INT2]: asNumber,
  [builtins.INT4]: asNumber,
  [builtins.INT8]: asNumber,
  [builtins.FLOAT4]: asNumber,
  [builtins.FLOAT8]: asNumber,
  [builtins.JSON]: (text) => JSON.parse(text) as unknown,
  [builtins.JSONB]: (text) => JSON.parse(text) as unknown,
};

/** Reads columns as JSON values that lose nothing: an integer that JavaScript cannot hold stays text. */
export const JSON_TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number) => PARSERS[oid] ?? ((text: string) => text)) as CustomTypesConfig['getTypeParser'],
};
