/** Tenants, people, agents, groups: short, lower case, safe in a workflow id, a role name and a URL. */
export const ID_PATTERN = /^[a-z0-9-]{1,63}$/;

/** Action types are dotted: `payments.pay_invoice`. */
export const ACTION_TYPE_PATTERN = /^[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){0,3}$/;
