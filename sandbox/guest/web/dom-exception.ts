/** Which class do aborts and refused clones throw? QuickJS's own `DOMException`, taken before a bundle can replace it. */
declare const DOMException: new (message: string, name: string) => Error;

export const DomError = DOMException;
