/** What is a finding of the scan? A sentence for the consent screen, with the place it is about. */

/** One finding. It refuses nothing. */
export interface ScanFinding {
  readonly level: "info" | "warning" | "danger";
  readonly code: string;
  readonly message: string;
}
