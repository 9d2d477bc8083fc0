/** Which class do aborts and refused clones throw? `DOMException`, which the engine lacks. */
import { defineProperty, ErrorClass, StringFunction } from "../primordials.ts";
import { captureStackTrace } from "../stack.ts";

/** What has a number, from 1: what the constant is called, and which error has it; none of today, where no name follows. */
// prettier-ignore
const NUMBERED = [
  ["INDEX_SIZE", "IndexSizeError"], ["DOMSTRING_SIZE"], ["HIERARCHY_REQUEST", "HierarchyRequestError"],
  ["WRONG_DOCUMENT", "WrongDocumentError"], ["INVALID_CHARACTER", "InvalidCharacterError"], ["NO_DATA_ALLOWED"],
  ["NO_MODIFICATION_ALLOWED", "NoModificationAllowedError"], ["NOT_FOUND", "NotFoundError"],
  ["NOT_SUPPORTED", "NotSupportedError"], ["INUSE_ATTRIBUTE", "InUseAttributeError"],
  ["INVALID_STATE", "InvalidStateError"], ["SYNTAX", "SyntaxError"],
  ["INVALID_MODIFICATION", "InvalidModificationError"], ["NAMESPACE", "NamespaceError"],
  ["INVALID_ACCESS", "InvalidAccessError"], ["VALIDATION"], ["TYPE_MISMATCH", "TypeMismatchError"],
  ["SECURITY", "SecurityError"], ["NETWORK", "NetworkError"], ["ABORT", "AbortError"],
  ["URL_MISMATCH", "URLMismatchError"], ["QUOTA_EXCEEDED", "QuotaExceededError"], ["TIMEOUT", "TimeoutError"],
  ["INVALID_NODE_TYPE", "InvalidNodeTypeError"], ["DATA_CLONE", "DataCloneError"],
] as const;

const codes = { __proto__: null } as unknown as Record<string, number>;

export class DOMException extends ErrorClass {
  readonly #name: string;

  constructor(message: string = "", name: string = "Error") {
    super(StringFunction(message));
    this.#name = StringFunction(name);
    captureStackTrace(this, DOMException);
  }

  override get name(): string {
    return this.#name;
  }

  get code(): number {
    return codes[this.#name] ?? 0;
  }
}

for (const [index, [constant, name]] of NUMBERED.entries()) {
  const property = { value: index + 1, enumerable: true };
  for (const target of [DOMException, DOMException.prototype]) defineProperty(target, constant + "_ERR", property);
  if (name !== undefined) codes[name] = index + 1;
}

export const DomError = DOMException;
