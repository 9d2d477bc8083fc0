/**
 * Which files may be uploaded and shown? A closed table of types that hold no script, each known by how its bytes begin.
 * SVG and HTML are not among them: opened by themselves they run what is in them. Pure.
 */

/** One type of file. */
export interface FileType {
  /** The type as it is stored and sent. */
  readonly type: string;
  /** With its dot. */
  readonly extension: string;
  /** `attachment`: browsers download it, because their viewers run what is in it. */
  readonly shown: "inline" | "attachment";
  /** Beginnings of which one must be there: text at an offset, one character for each byte. */
  readonly signatures: readonly (readonly [offset: number, text: string])[][];
}

const RIFF = [0, "RIFF"] as const;
/** MP4 and what is built like it says its kind behind this. */
const BOX = [4, "ftyp"] as const;
const MATROSKA = [[0, "\x1aE\xdf\xa3"] as const];
const OGG = [[0, "OggS"] as const];

/** The types there are. SECURITY: a type outside the table is never stored and never sent as itself (tests/host/media.test.ts, "never active"). */
export const FILE_TYPES: readonly FileType[] = [
  image("png", [[0, "\x89PNG\r\n\x1a\n"]]),
  image("jpeg", [[0, "\xff\xd8\xff"]], ".jpg"),
  image("gif", [[0, "GIF8"]]),
  image("webp", [RIFF, [8, "WEBP"]]),
  { ...image("avif", [[4, "ftypavif"]]), signatures: [[[4, "ftypavif"]], [[4, "ftypavis"]]] },
  { type: "video/mp4", extension: ".mp4", shown: "inline", signatures: [[BOX]] },
  { type: "video/webm", extension: ".webm", shown: "inline", signatures: [MATROSKA] },
  { type: "video/ogg", extension: ".ogv", shown: "inline", signatures: [OGG] },
  {
    type: "audio/mpeg",
    extension: ".mp3",
    shown: "inline",
    signatures: [[[0, "ID3"]], ...["\xfb", "\xfa", "\xf3", "\xf2"].map((byte) => [[0, `\xff${byte}`] as const])],
  },
  { type: "audio/mp4", extension: ".m4a", shown: "inline", signatures: [[BOX]] },
  { type: "audio/ogg", extension: ".ogg", shown: "inline", signatures: [OGG] },
  { type: "audio/webm", extension: ".weba", shown: "inline", signatures: [MATROSKA] },
  { type: "audio/wav", extension: ".wav", shown: "inline", signatures: [[RIFF, [8, "WAVE"]]] },
  { type: "audio/flac", extension: ".flac", shown: "inline", signatures: [[[0, "fLaC"]]] },
  { type: "application/pdf", extension: ".pdf", shown: "attachment", signatures: [[[0, "%PDF-"]]] },
];

/** Other names by which these types go. */
const ALIASES: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/x-m4a": "audio/mp4",
  "audio/x-flac": "audio/flac",
};

/** The type that a content type names, whatever its parameters. */
export function findFileType(contentType: string): FileType | undefined {
  const name = contentType.split(";", 1)[0]!.trim().toLowerCase();
  const type = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return FILE_TYPES.find((row) => row.type === type);
}

/** Whether the bytes begin as files of the type do. */
export function isOfType({ signatures }: FileType, bytes: Uint8Array): boolean {
  return signatures.some((parts) =>
    parts.every(([offset, text]) => Array.from(text).every((char, i) => bytes[offset + i] === char.charCodeAt(0))),
  );
}

function image(name: string, signature: FileType["signatures"][number], extension = `.${name}`): FileType {
  return { type: `image/${name}`, extension, shown: "inline", signatures: [signature] };
}
