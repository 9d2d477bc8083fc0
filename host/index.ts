/** The deployed Worker. Composition only. */
import { createWorker } from "./worker.ts";

export default createWorker();
