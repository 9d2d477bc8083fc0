/** What keeps the bytes of media files: by keys the host makes, none of which is ever used again. */

/** A stored file, to be sent on as it is read. */
export interface MediaObject {
  readonly body: ReadableStream;
  readonly bytes: number;
}

/** The files' bytes. What a file is called, what type it has and whether it may be shown stands in the database. */
export interface MediaStore {
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<MediaObject | undefined>;
  delete(key: string): Promise<void>;
}
