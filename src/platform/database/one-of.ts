/**
 * SQL for "is one of these ids". The sub-select hides from the planner how many there are. Where it sees that, it makes
 * a plan for each call, and that costs as much as the statement.
 */
export const oneOf = (parameter: string): string => `= any((select ${parameter}::uuid[])::uuid[])`;
