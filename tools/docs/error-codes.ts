/** One error class, or one answer below them, as clients see it. */
export interface Coded {
  readonly code: string;
  /** Who answers with it. */
  readonly origin: string;
}

/** `order.not_cancellable`: whose it is, then what is wrong. */
const form = /^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+$/;
/** What nobody foresaw belongs to no module. */
const unforeseen = 'internal';

/** What is wrong with the codes, a line each. Clients decide by them: each has one form and one meaning. */
export function codeProblems(all: readonly Coded[]): readonly string[] {
  const origins = Map.groupBy(all, ({ code }) => code);
  return [...origins].flatMap(([code, coded]) => {
    const names = [...new Set(coded.map(({ origin }) => origin))];
    return [
      ...(form.test(code) || code === unforeseen ? [] : [`'${code}' is not of the form order.not_found`]),
      ...(names.length > 1 ? [`'${code}' is the code of ${names.join(' and ')}`] : []),
    ];
  });
}
